/** Jobs that run periodically until they are stopped. */
export class Schedule {
  readonly #timers: NodeJS.Timeout[] = [];

  every(ms: number, job: () => void): void {
    this.#timers.push(setInterval(job, ms));
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }
}
