import { setTimeout as timer } from 'node:timers/promises';
import type { Clock } from '../events/clock.ts';

/** This machine's clock: monotonic within the process, comparable between processes. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  // Only an abort rejects, and an aborted wait is over.
  sleep: (ms, signal) => timer(ms, undefined, signal && { signal }).catch(() => undefined),
};
