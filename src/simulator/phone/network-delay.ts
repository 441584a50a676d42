import { seededRandom } from '../seeded-random.ts';

export interface DelayOptions {
  /** The minimum delay of every message. */
  readonly fixedMs: number;
  /** The maximum additional delay, uniformly distributed. */
  readonly jitterMs?: number;
  readonly seed?: number;
}

/** Both directions between Twilio and the application. */
export interface NetworkConditions {
  /** From Twilio to the application. */
  readonly up?: DelayOptions | undefined;
  /** From the application to Twilio. */
  readonly down?: DelayOptions | undefined;
}

/** One direction of a network: later by a fixed and a varying part, and never out of order, as TCP is. */
export class NetworkDelay {
  readonly #fixedMs: number;
  readonly #jitterMs: number;
  readonly #random: () => number;
  #lastSentMs = -Infinity;
  #lastArrivalMs = -Infinity;

  constructor(options: DelayOptions = { fixedMs: 0 }) {
    this.#fixedMs = options.fixedMs;
    this.#jitterMs = options.jitterMs ?? 0;
    this.#random = seededRandom(options.seed ?? 1);
  }

  /**
   * The arrival time of a message sent at `sentAtMs`. Call it once per message, in sending order. Messages of the same
   * time, sent in one write, arrive together.
   */
  arrivalOf(sentAtMs: number): number {
    if (sentAtMs === this.#lastSentMs) return this.#lastArrivalMs;
    this.#lastSentMs = sentAtMs;
    const varying = this.#jitterMs > 0 ? this.#random() * this.#jitterMs : 0;
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, sentAtMs + this.#fixedMs + varying);
    return this.#lastArrivalMs;
  }
}
