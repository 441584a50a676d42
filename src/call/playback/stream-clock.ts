/** When something was reached, in stream milliseconds: it lies between the two. */
export interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
  /** It lies within so much of the end, unless the network stalled just then. */
  readonly spreadMs?: number;
}

/** Frames farther apart than this do not date what lies between them well enough. */
const DATING_GAP_MS = 60;
const WINDOW_MS = 30_000;
const BUCKET_MS = 1_000;
const LEAST_JITTER_MS = 20;
const MOST_JITTER_MS = 100;

/**
 * The stream's own time as it can be known here: from the timestamps of the caller's frames, and, where these have
 * stopped, from arrival times less the smallest delay of the last 30 s.
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
  /** How much later than the least delay the usual one is. */
  #usuallyLaterMs = 0;

  /** `startedAtMs`: when the stream's `start` arrived. */
  constructor(startedAtMs: number) {
    this.#leastMs = startedAtMs;
    this.#startedAtMs = startedAtMs;
    this.#lastArrivalMs = startedAtMs;
  }

  /** Whether any frame has come: without one the delay is only guessed, from the arrival of `start`. */
  get hasFrames(): boolean {
    return this.#frames > 0;
  }

  /** As `zeroAtMs`, but as seen in the stream's first 30 s: its beginning, however far the two clocks drift apart. */
  get beganAtMs(): number {
    return this.#frames === 0 ? this.#startedAtMs : this.#firstLeastMs;
  }

  /** The smallest arrival time minus timestamp seen lately: our clock when the stream's was 0, plus the least delay. */
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

  /** The stream's time as far as it can have been seen from here at `atMs`; never later than the true one. */
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
   * Dates an echo that arrived at `atMs` after the frame `beforeMs` and before the frame `afterMs` (absent: none came).
   * Between near frames the order on the one socket says it; otherwise arrival time less the least delay.
   */
  date(atMs: number, beforeMs: number, afterMs: number | undefined): Interval {
    if (afterMs !== undefined && afterMs - beforeMs <= DATING_GAP_MS) {
      return { fromMs: Math.min(beforeMs, afterMs), toMs: Math.max(beforeMs, afterMs) };
    }
    const latest = Math.max(beforeMs, Math.min(atMs - this.#leastMs, afterMs ?? Infinity));
    return { fromMs: Math.max(beforeMs, latest - this.#jitterMs), toMs: latest, spreadMs: this.#spreadMs };
  }

  /** The stream's length when it ended at `atMs`: its last frame's end, or later where frames had stopped long before. */
  endMs(atMs: number): number {
    const byArrival = atMs - this.#leastMs - this.#usuallyLaterMs;
    // After a stall of ours the last frames and the end are read together: then nothing had stopped.
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
    // Evenly spread delays reach twice as far as their mean; a single stall hardly moves it.
    this.#usuallyLaterMs = sum / count - least;
    this.#spreadMs = jitter(2 * this.#usuallyLaterMs);
  }
}

function jitter(ms: number): number {
  return Math.min(MOST_JITTER_MS, Math.max(LEAST_JITTER_MS, ms));
}
