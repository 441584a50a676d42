import { type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Registry } from 'prom-client';
import { addCounter, addGauge } from './read-on-request.ts';

const RESOLUTION_MS = 20;
const NS_PER_S = 1e9;

/** Reports CPU time, memory and the delays of the event loop. */
export function reportProcessResources(registry: Registry): void {
  addCounter(registry, 'process_cpu_seconds_total', 'User and system CPU time of all threads.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  addCounter(
    registry,
    'nodejs_eventloop_active_seconds_total',
    'Time in which the event loop was not idle.',
    () => performance.eventLoopUtilization().active / 1_000,
  );
  addGauge(registry, 'process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  addGauge(
    registry,
    'nodejs_heap_used_bytes',
    'Used part of the JavaScript heap.',
    () => process.memoryUsage().heapUsed,
  );
  reportDelays(registry);
}

/** Reports the delays since the previous reading. The first reading starts the measurement, which needs a timer. */
function reportDelays(registry: Registry): void {
  let monitor: IntervalHistogram | undefined;
  let delays = { p50: 0, p99: 0, max: 0 };
  const read = (): typeof delays => {
    if (monitor && monitor.count > 0) {
      const [p50, p99] = [monitor.percentile(50), monitor.percentile(99)];
      delays = { p50: delayS(p50), p99: delayS(p99), max: delayS(monitor.max) };
    }
    monitor ??= startMonitor();
    monitor.reset();
    return delays;
  };
  const since = 'of the event loop since the previous reading; the largest of all processes.';
  // Metrics are read in the order in which they were added.
  addGauge(registry, 'nodejs_eventloop_delay_p50_seconds', `Median delay ${since}`, () => read().p50, 'max');
  addGauge(
    registry,
    'nodejs_eventloop_delay_p99_seconds',
    `99th percentile of the delays ${since}`,
    () => delays.p99,
    'max',
  );
  addGauge(registry, 'nodejs_eventloop_delay_max_seconds', `Longest delay ${since}`, () => delays.max, 'max');
}

function startMonitor(): IntervalHistogram {
  const monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  monitor.enable();
  return monitor;
}

/** Node measures the time between two runs of a timer, which includes its interval. */
function delayS(measuredNs: number): number {
  return Math.max(0, measuredNs / NS_PER_S - RESOLUTION_MS / 1_000);
}
