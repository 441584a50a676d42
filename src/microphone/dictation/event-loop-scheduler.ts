/**
 * Runs long work in small pieces, one per turn of the event loop in the whole process, so that other work waits for at most one
 * piece.
 */
export class EventLoopScheduler {
  readonly #waiting: (() => void)[] = [];
  #due = false;

  /** Resolves when the next piece may run. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#arrange();
    });
  }

  #arrange(): void {
    if (this.#due || this.#waiting.length === 0) return;
    this.#due = true;
    setImmediate(() => {
      this.#due = false;
      this.#waiting.shift()?.();
      this.#arrange();
    });
  }
}
