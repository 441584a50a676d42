import type { SchedulingDelay } from './scheduling-delay.ts';

/** A process that waits longer for a processor than this share of the time cannot measure real time. */
const MOST_WAITED_SHARE = 0.03;

/** Why a measurement of real time proves nothing; undefined if the machine kept up. */
export function whyTooBusy({ elapsedMs, waitedMs }: SchedulingDelay): string | undefined {
  if (waitedMs <= elapsedMs * MOST_WAITED_SHARE) return undefined;
  const [waited, elapsed] = [waitedMs, elapsedMs].map(Math.round);
  return `the machine was too busy: this process waited ${waited} of ${elapsed} ms for a processor`;
}
