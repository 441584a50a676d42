/** Pauses between retries: each twice as long as the one before, up to the longest. */
export class Backoff {
  readonly #firstMs: number;
  readonly #longestMs: number;
  #nextMs: number;

  constructor(firstMs: number, longestMs: number) {
    this.#firstMs = firstMs;
    this.#longestMs = longestMs;
    this.#nextMs = firstMs;
  }

  /** The next pause. */
  next(): number {
    const ms = this.#nextMs;
    this.#nextMs = Math.min(this.#longestMs, 2 * ms);
    return ms;
  }

  /** After a success: the next pause is the first one again. */
  reset(): void {
    this.#nextMs = this.#firstMs;
  }
}
