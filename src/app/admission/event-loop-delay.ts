import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 20;
const READ_EVERY_MS = 1_000;

/** The 99th percentile of the delays of this process's event loop in the last second. */
export class EventLoopDelay {
  readonly #monitor: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #readAtMs: number | undefined;
  #p99Ms = 0;

  get p99Ms(): number {
    return this.#p99Ms;
  }

  /** Call it several times a second, from the beginning of the measurement. */
  tick(atMs: number): void {
    if (this.#readAtMs === undefined) this.#monitor.enable();
    else if (atMs - this.#readAtMs < READ_EVERY_MS) return;
    else if (this.#monitor.count > 0) {
      // Node measures the time between two runs of a timer, which includes its interval.
      this.#p99Ms = Math.max(0, this.#monitor.percentile(99) / 1e6 - RESOLUTION_MS);
      this.#monitor.reset();
    }
    this.#readAtMs = atMs;
  }

  stop(): void {
    this.#monitor.disable();
  }
}
