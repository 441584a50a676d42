/** The messages that were sent to the writing thread: those without an answer, and how long the last answer took. */
export class WriteRounds {
  readonly #unanswered = new Map<number, { readonly sinceMs: number; readonly bytes: number }>();
  #last = 0;
  #bytes = 0;
  #lagMs = 0;

  /** The number of the last round. */
  get last(): number {
    return this.#last;
  }

  /** Bytes of unanswered rounds. */
  get bytes(): number {
    return this.#bytes;
  }

  get isIdle(): boolean {
    return this.#unanswered.size === 0;
  }

  /** The time that the last answered round took, or the oldest unanswered one has taken if that is more. */
  lagMs(atMs: number): number {
    const [oldest] = this.#unanswered.values();
    return Math.max(this.#lagMs, oldest ? atMs - oldest.sinceMs : 0);
  }

  /** Returns the number of the new round. */
  begin(bytes: number, atMs: number): number {
    this.#last += 1;
    this.#unanswered.set(this.#last, { sinceMs: atMs, bytes });
    this.#bytes += bytes;
    return this.#last;
  }

  end(number: number, atMs: number): void {
    const round = this.#unanswered.get(number);
    if (!round) return;
    this.#unanswered.delete(number);
    this.#lagMs = atMs - round.sinceMs;
    this.#bytes -= round.bytes;
  }
}
