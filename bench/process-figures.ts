import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The cost of an interval for a process. */
export interface ProcessFigures {
  readonly wallSeconds: number;
  /** CPU time of all threads. */
  readonly cpuSeconds: number;
  readonly rssMb: number;
  /** The event loop delay of its main thread. */
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
}

/** The histogram includes the sampling interval; it is subtracted. */
const EVERY_MS = 2;

/** Measures this process between two requests. */
export function processFigures(): {
  begin: () => void;
  end: () => ProcessFigures;
  /** The memory of the main thread's objects and buffers after a garbage collection. */
  liveBytes: () => number;
} {
  const delay = monitorEventLoopDelay({ resolution: EVERY_MS });
  delay.enable();
  let cpu = process.cpuUsage();
  let since = performance.now();
  return {
    begin: () => {
      delay.reset();
      cpu = process.cpuUsage();
      since = performance.now();
    },
    end: () => {
      const { user, system } = process.cpuUsage(cpu);
      return {
        wallSeconds: (performance.now() - since) / 1_000,
        cpuSeconds: (user + system) / 1e6,
        rssMb: process.memoryUsage.rss() / 1e6,
        loopP99Ms: Math.max(0, delay.percentile(99) / 1e6 - EVERY_MS),
        loopMaxMs: Math.max(0, delay.max / 1e6 - EVERY_MS),
      };
    },
    liveBytes: () => {
      setFlagsFromString('--expose-gc');
      const collect = runInNewContext('gc') as () => void;
      collect();
      collect();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    },
  };
}
