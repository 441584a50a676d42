/** The same time for everything that is read in one turn of the event loop: what was written together arrives together. */
export class EventLoopTime {
  #turnAtMs: number | undefined;

  now(): number {
    if (this.#turnAtMs === undefined) {
      this.#turnAtMs = performance.now();
      setImmediate(() => (this.#turnAtMs = undefined));
    }
    return this.#turnAtMs;
  }
}
