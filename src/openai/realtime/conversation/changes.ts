/** Lets others wait for the next change of something. */
export class Changes {
  #waiting: (() => void)[] = [];

  /** Something has changed. */
  happened(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }

  /** Resolves at the next change, or when `signal` aborts the wait. */
  next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}
