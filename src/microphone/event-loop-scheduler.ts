/**
 * Lets long work go on in small pieces, one piece in each turn of the event loop, whoever asks: whatever else happens in this
 * process waits for one piece at most.
 */
export class EventLoopScheduler {
  readonly #waiting: (() => void)[] = [];
  #due = false;

  /** Resolves when it is the asker's turn. */
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
