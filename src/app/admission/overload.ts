import type { Log } from '../../log.ts';

const SAMPLE_EVERY_MS = 1_000;
/** So many seconds in a row begin an overload: a pause of garbage collection, a sleeping laptop or a slow disk for a moment do not. */
const BEGINS_AFTER = 5;
/** So many seconds in a row at less than half of the limits end it, so that refusing calls does not end it at once. */
const ENDS_AFTER = 10;
/** Journals are written every 100 ms; a disk that is this late does not keep up. */
const MAX_WRITE_LAG_MS = 5_000;

/** How busy the processes with calls were in the last second: the values of the busiest one. */
export interface Load {
  /** 99th percentile of the delays of the event loop. */
  readonly eventLoopDelayMs: number;
  /** Age of the oldest record of a journal that is not written. */
  readonly journalWriteLagMs: number;
}

/** Decides from the load of several seconds whether further calls would harm those in progress. */
export class Overload {
  readonly #maxDelayMs: number;
  readonly #log: Log;
  #sampledAtMs = -Infinity;
  #sinceMs: number | undefined;
  /** Seconds in a row that speak for a change. */
  #streak = 0;

  /** `maxDelayMs` of the event loop; 0: no load is an overload. */
  constructor(maxDelayMs: number, log: Log) {
    this.#maxDelayMs = maxDelayMs;
    this.#log = log;
  }

  get isOverloaded(): boolean {
    return this.#sinceMs !== undefined;
  }

  /** Call it several times a second; it samples the load once a second. */
  tick(atMs: number, read: () => Load): void {
    if (this.#maxDelayMs === 0 || atMs - this.#sampledAtMs < SAMPLE_EVERY_MS) return;
    this.#sampledAtMs = atMs;
    const load = read();
    const part = Math.max(
      load.eventLoopDelayMs / this.#maxDelayMs,
      load.journalWriteLagMs / MAX_WRITE_LAG_MS,
    );
    const speaksForChange = this.isOverloaded ? part < 0.5 : part > 1;
    this.#streak = speaksForChange ? this.#streak + 1 : 0;
    if (this.#streak < (this.isOverloaded ? ENDS_AFTER : BEGINS_AFTER)) return;
    this.#streak = 0;
    this.#change(atMs, load);
  }

  #change(atMs: number, { eventLoopDelayMs, journalWriteLagMs }: Load): void {
    const load = { eventLoopDelayMs, journalWriteLagMs };
    if (this.#sinceMs === undefined) {
      this.#sinceMs = atMs;
      this.#log.warn(load, 'overloaded: new calls hear the busy message');
      return;
    }
    const seconds = Math.round((atMs - this.#sinceMs) / 1_000);
    this.#log.info({ ...load, seconds }, 'no longer overloaded: new calls are accepted');
    this.#sinceMs = undefined;
  }
}
