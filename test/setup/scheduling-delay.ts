import { readFileSync } from 'node:fs';

/** Linux: nanoseconds that the main thread of this process ran, and waited for a processor while it could run. */
const SCHEDSTAT = '/proc/self/schedstat';

export interface SchedulingDelay {
  readonly elapsedMs: number;
  /** How long this process could have run but got no processor. */
  readonly waitedMs: number;
}

/** Measures how long the operating system keeps this process from running. Where it cannot be known, it is 0. */
export class SchedulingDelayMeter {
  #startedAtMs = performance.now();
  #waitedBeforeMs = waitedMs();

  /** Starts a measurement. */
  reset(): void {
    this.#startedAtMs = performance.now();
    this.#waitedBeforeMs = waitedMs();
  }

  get delay(): SchedulingDelay {
    return {
      elapsedMs: performance.now() - this.#startedAtMs,
      waitedMs: waitedMs() - this.#waitedBeforeMs,
    };
  }
}

function waitedMs(): number {
  try {
    return Number(readFileSync(SCHEDSTAT, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}
