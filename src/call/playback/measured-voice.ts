import { SAMPLES_PER_MS } from '../../audio/telephone.ts';
import type { SpokenWords, Voice } from '../ports.ts';
import { LEAST_MESSAGE_BYTES } from './output-hold.ts';

/** The latest sentences, of all calls. */
const SENTENCES = 16;
/**
 * One of eight, or a part of them, may be later than the delay allows: the first one after a start, or a single stall, does not delay
 * the others. More of them are a busy machine, on which audio at once would have gaps.
 */
const SENTENCES_PER_STALL = 8;
/** A beginning of so much audio is measured: after it, a voice that is fast enough has sent audio in reserve. */
const MEASURED_MS = 3_000;
const LEAST_MESSAGE_MS = LEAST_MESSAGE_BYTES / SAMPLES_PER_MS;
/** Audio in reserve: the network to the telephone may add as much between two messages. */
const RESERVE_MS = 60;

/** Measures how steadily a voice delivers its audio, so that a steady one is heard at once, and a slow one without gaps. */
export class MeasuredVoice implements Voice {
  readonly #voice: Voice;
  readonly #now: () => number;
  readonly #latenesses: number[] = [];

  /** `now`: milliseconds. */
  constructor(voice: Voice, now: () => number) {
    this.#voice = voice;
    this.#now = now;
  }

  get server(): string | undefined {
    return this.#voice.server;
  }

  wake(): void {
    this.#voice.wake?.();
  }

  get playoutDelayMs(): number | undefined {
    if (this.#latenesses.length === 0) return undefined;
    const sorted = [...this.#latenesses].sort((a, b) => b - a);
    const stalls = Math.min(Math.ceil(sorted.length / SENTENCES_PER_STALL), sorted.length - 1);
    return Math.max(0, sorted[stalls]! + RESERVE_MS);
  }

  async *speak(text: string, signal: AbortSignal): AsyncGenerator<Uint8Array | SpokenWords> {
    const delivery = new Delivery();
    let isWhole = false;
    try {
      for await (const part of this.#voice.speak(text, signal)) {
        if (part instanceof Uint8Array && part.length > 0) delivery.arrived(part.length, this.#now());
        yield part;
      }
      isWhole = !signal.aborted;
    } finally {
      const latenessMs = isWhole ? delivery.latenessMs : delivery.latenessSoFarMs(this.#now());
      if (latenessMs !== undefined) this.#remember(latenessMs);
    }
  }

  #remember(latenessMs: number): void {
    this.#latenesses.push(latenessMs);
    if (this.#latenesses.length > SENTENCES) this.#latenesses.shift();
  }
}

/** How the audio of one sentence arrives. */
class Delivery {
  #startedAtMs: number | undefined;
  /** What can be sent: audio too short for a message waits for more. */
  #audioMs = 0;
  #waitingMs = 0;
  #latenessMs = -Infinity;

  arrived(samples: number, atMs: number): void {
    this.#startedAtMs ??= atMs;
    this.#waitingMs += samples / SAMPLES_PER_MS;
    if (this.#waitingMs < LEAST_MESSAGE_MS) return;
    if (this.#audioMs > 0) this.#measure(atMs);
    this.#audioMs += this.#waitingMs;
    this.#waitingMs = 0;
  }

  /**
   * How much later than its first audio a sentence must be played so that its audio never runs out; negative: so much was always in
   * reserve. Undefined without audio.
   */
  get latenessMs(): number | undefined {
    if (this.#startedAtMs === undefined) return undefined;
    return Math.max(this.#latenessMs, -this.#audioMs - this.#waitingMs);
  }

  /** Of a sentence that ended early: undefined if too little of it arrived to tell. */
  latenessSoFarMs(atMs: number): number | undefined {
    if (this.#startedAtMs === undefined) return undefined;
    const isMeasured = this.#audioMs >= MEASURED_MS;
    if (!isMeasured) this.#measure(atMs);
    return isMeasured || this.#latenessMs > 0 ? this.#latenessMs : undefined;
  }

  /** Nothing could be sent between the last audio and now. */
  #measure(atMs: number): void {
    if (this.#startedAtMs === undefined || this.#audioMs >= MEASURED_MS) return;
    this.#latenessMs = Math.max(this.#latenessMs, atMs - this.#startedAtMs - this.#audioMs);
  }
}
