import type { ServiceError } from '../../call/ports.ts';
import type { Timer } from '../server/timers.ts';

/** Signs of progress prolong the wait for a text, up to this many times its length. */
const LONGEST_WAITS = 2;

export interface TextTiming {
  readonly timer: Timer;
  readonly now: () => number;
  /** The longest time without a sign of progress. */
  readonly answerMs: number;
}

/** The text of one committed utterance, which is still to come. */
export class RequestedText {
  readonly text: Promise<string>;
  readonly #timing: TextTiming;
  readonly #requestedAtMs: number;
  readonly #late: () => void;
  #settle: { resolve(text: string): void; reject(error: ServiceError): void } | undefined;
  #cancelTimer: () => void;

  /** `late`: no text has come in time; called at most once. */
  constructor(timing: TextTiming, late: () => void) {
    this.#timing = timing;
    this.#requestedAtMs = timing.now();
    this.#late = late;
    this.text = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.#cancelTimer = timing.timer(timing.answerMs, late);
  }

  /** False once the text has arrived or will not come. */
  get isPending(): boolean {
    return this.#settle !== undefined;
  }

  /** The server is at work. */
  progress(): void {
    if (!this.isPending) return;
    const { timer, now, answerMs } = this.#timing;
    const leftMs = this.#requestedAtMs + LONGEST_WAITS * answerMs - now();
    this.#cancelTimer();
    this.#cancelTimer = timer(Math.max(0, Math.min(answerMs, leftMs)), this.#late);
  }

  complete(text: string): void {
    this.#end()?.resolve(text);
  }

  fail(error: ServiceError): void {
    this.#end()?.reject(error);
  }

  #end(): { resolve(text: string): void; reject(error: ServiceError): void } | undefined {
    const settle = this.#settle;
    this.#settle = undefined;
    this.#cancelTimer();
    return settle;
  }
}
