import type { AnswererContext } from '../answerer.ts';
import type { PromptName } from '../prompts.ts';

/** Silence during a wait that has already had a filler. More than 4 s sounds like a lost connection. */
const MAX_SILENCE_MS = 3_500;
/** A reply that has not started after this time is given up with an apology. */
const REPLY_TIMEOUT_MS = 25_000;

interface Wait {
  readonly sinceMs: number;
  /** When the caller last heard something, or spoke. */
  readonly silentSinceMs: number;
  readonly fillers: number;
  /** The end of the latest filler. */
  readonly fillerUntilMs: number;
}

/** The caller's wait for a reply: when to play a filler, and when to give up. */
export class ReplyWait {
  #wait: Wait | undefined;

  start(sinceMs: number): void {
    this.#wait = { sinceMs, silentSinceMs: sinceMs, fillers: 0, fillerUntilMs: 0 };
  }

  startUnlessRunning(sinceMs: number): void {
    if (!this.#wait) this.start(sinceMs);
  }

  /** The wait, if there is one, counts from now. */
  restart(atMs: number): void {
    if (this.#wait) this.start(atMs);
  }

  /** The line is not silent: someone speaks, or a filler plays. `isReply`: a part of the reply was sent, and follows the filler. */
  audible(atMs: number, isReply: boolean): void {
    if (!this.#wait) return;
    if (isReply && atMs > this.#wait.fillerUntilMs) return this.start(atMs);
    this.#wait = { ...this.#wait, silentSinceMs: atMs, ...(isReply && { sinceMs: atMs }) };
  }

  stop(): void {
    this.#wait = undefined;
  }

  /** The caller waits in silence: plays a filler when one is due. Returns true when the reply is to be given up. */
  fill(atMs: number, { output, settings }: AnswererContext): boolean {
    const due = this.#due(atMs, settings.fillerAfterMs);
    if (due === 'timeout') return true;
    if (due && this.#wait) this.#wait = { ...this.#wait, fillerUntilMs: atMs + output.sayPrompt(due, atMs) };
    return false;
  }

  /** What to do now; `fillerAfterMs`: the silence before the first filler. */
  #due(atMs: number, fillerAfterMs: number): PromptName | 'timeout' | undefined {
    if (!this.#wait) return undefined;
    const { sinceMs, silentSinceMs, fillers } = this.#wait;
    if (atMs - sinceMs >= REPLY_TIMEOUT_MS) return 'timeout';
    const silenceMs = fillers === 0 ? fillerAfterMs : Math.min(fillerAfterMs, MAX_SILENCE_MS);
    if (atMs - silentSinceMs < silenceMs) return undefined;
    this.#wait = { ...this.#wait, silentSinceMs: atMs, fillers: fillers + 1 };
    return fillers % 2 === 0 ? 'filler-1' : 'filler-2';
  }
}
