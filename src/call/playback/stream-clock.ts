/** A time known only to lie between two stream times, in milliseconds. */
export interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
  /** Unless the network stalled, the time lies within this distance of `toMs`. */
  readonly spreadMs?: number;
}

/** Frames farther apart than this do not date a mark between them precisely enough. */
const DATING_GAP_MS = 60;
const WINDOW_MS = 30_000;
const BUCKET_MS = 1_000;
const LEAST_JITTER_MS = 20;
const MOST_JITTER_MS = 100;

/**
 * Estimates the stream's own time: from the timestamps of the caller's frames, and while no frames arrive, from arrival times
 * minus the smallest delay of the last 30 s.
 */
export class StreamClock {
  #lastTimestampMs = 0;
  #lastEndMs = 0;
  #lastArrivalMs: number;
  #frames = 0;
  readonly #buckets: { second: number; least: number; most: number; sum: number; count: number }[] = [];
  #leastMs: number;
  readonly #startedAtMs: number;
  #firstLeastMs = Infinity;
  #jitterMs = LEAST_JITTER_MS;
  #spreadMs = LEAST_JITTER_MS;
  /** Mean delay minus least delay. */
  #usuallyLaterMs = 0;

  /** `startedAtMs`: when the stream's `start` arrived, by our clock. */
  constructor(startedAtMs: number) {
    this.#leastMs = startedAtMs;
    this.#startedAtMs = startedAtMs;
    this.#lastArrivalMs = startedAtMs;
  }

  /** True once a frame has arrived. Before that, the delay is a guess from the arrival of `start`. */
  get hasFrames(): boolean {
    return this.#frames > 0;
  }

  /** As `zeroAtMs`, measured in the stream's first 30 s: its beginning, independent of later clock drift. */
  get beganAtMs(): number {
    return this.#frames === 0 ? this.#startedAtMs : this.#firstLeastMs;
  }

  /** The smallest difference of arrival time and timestamp lately: our clock at stream time 0, plus the least delay. */
  get zeroAtMs(): number {
    return this.#leastMs;
  }

  /** The highest end of any frame so far, in stream milliseconds. */
  get lastEndMs(): number {
    return this.#lastEndMs;
  }

  get lastArrivalMs(): number {
    return this.#lastArrivalMs;
  }

  /** The stream's time at `atMs` as far as it is known here; never later than the true time. */
  nowMs(atMs: number): number {
    return Math.max(this.#lastTimestampMs, atMs - this.#leastMs);
  }

  frame(timestampMs: number, lengthMs: number, atMs: number): void {
    this.#frames += 1;
    this.#lastTimestampMs = Math.max(this.#lastTimestampMs, timestampMs);
    this.#lastEndMs = Math.max(this.#lastEndMs, timestampMs + lengthMs);
    this.#lastArrivalMs = atMs;
    this.#remember(atMs - timestampMs, atMs);
    if (atMs - this.#startedAtMs <= WINDOW_MS || this.#firstLeastMs === Infinity)
      this.#firstLeastMs = Math.min(this.#firstLeastMs, atMs - timestampMs);
  }

  get lastTimestampMs(): number {
    return this.#lastTimestampMs;
  }

  /**
   * Dates a mark that returned at `atMs` after the frame `beforeMs` and before the frame `afterMs` (undefined: none came).
   * Between near frames the order on the socket dates it; otherwise the arrival time minus the least delay.
   */
  date(atMs: number, beforeMs: number, afterMs: number | undefined): Interval {
    if (afterMs !== undefined && afterMs - beforeMs <= DATING_GAP_MS) {
      return { fromMs: Math.min(beforeMs, afterMs), toMs: Math.max(beforeMs, afterMs) };
    }
    const latest = Math.max(beforeMs, Math.min(atMs - this.#leastMs, afterMs ?? Infinity));
    return { fromMs: Math.max(beforeMs, latest - this.#jitterMs), toMs: latest, spreadMs: this.#spreadMs };
  }

  /** The stream's length when it ended at `atMs`: the end of its last frame, or later if frames had stopped long before. */
  endMs(atMs: number): number {
    const byArrival = atMs - this.#leastMs - this.#usuallyLaterMs;
    // After a stall of the event loop, the last frames and the end are read together: then the frames had not stopped.
    const silentFor = Math.min(byArrival - this.#lastEndMs, atMs - this.#lastArrivalMs);
    return this.#frames === 0 || silentFor > this.#jitterMs + LEAST_JITTER_MS / 2
      ? Math.max(this.#lastEndMs, byArrival)
      : this.#lastEndMs;
  }

  #remember(delay: number, atMs: number): void {
    const second = Math.floor(atMs / BUCKET_MS);
    const last = this.#buckets.at(-1);
    if (last?.second === second) {
      last.sum += delay;
      last.count += 1;
      if (delay >= last.least && delay <= last.most) return;
      last.least = Math.min(last.least, delay);
      last.most = Math.max(last.most, delay);
    } else {
      this.#buckets.push({ second, least: delay, most: delay, sum: delay, count: 1 });
      while ((this.#buckets[0]?.second ?? second) < second - WINDOW_MS / BUCKET_MS) this.#buckets.shift();
    }
    let least = Infinity;
    let most = -Infinity;
    let sum = 0;
    let count = 0;
    for (const bucket of this.#buckets) {
      least = Math.min(least, bucket.least);
      most = Math.max(most, bucket.most);
      sum += bucket.sum;
      count += bucket.count;
    }
    this.#leastMs = least;
    this.#jitterMs = jitter(most - least);
    // Evenly distributed delays reach twice their mean; a single stall hardly changes the mean.
    this.#usuallyLaterMs = sum / count - least;
    this.#spreadMs = jitter(2 * this.#usuallyLaterMs);
  }
}

function jitter(ms: number): number {
  return Math.min(MOST_JITTER_MS, Math.max(LEAST_JITTER_MS, ms));
}
