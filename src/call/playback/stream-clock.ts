import { DelayWindow, LEAST_JITTER_MS } from './delay-window.ts';

/** A time known only to lie between two stream times, in milliseconds. */
export interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
  /** Unless the network stalled, the time lies within this distance of `toMs`. */
  readonly spreadMs?: number;
}

/** Frames farther apart than this do not date a mark between them precisely enough. */
const DATING_GAP_MS = 60;
/** The stream's beginning is measured in this time. */
const WINDOW_MS = 30_000;

/**
 * Estimates the stream's own time: from the timestamps of the caller's frames, and while no frames arrive, from arrival times
 * minus the smallest delay of the last 30 s.
 */
export class StreamClock {
  #lastTimestampMs = 0;
  #lastEndMs = 0;
  #lastArrivalMs: number;
  #frames = 0;
  #firstLeastMs = Infinity;
  readonly #startedAtMs: number;
  readonly #delays: DelayWindow;

  /** `startedAtMs`: when the stream's `start` arrived, by our clock. */
  constructor(startedAtMs: number) {
    this.#delays = new DelayWindow(startedAtMs);
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

  /** True if no later frame changes `beganAtMs`. */
  get beginningIsSettled(): boolean {
    return this.hasFrames && this.#lastArrivalMs - this.#startedAtMs > WINDOW_MS;
  }

  /** The smallest difference of arrival time and timestamp lately: our clock at stream time 0, plus the least delay. */
  get zeroAtMs(): number {
    return this.#delays.estimate.leastMs;
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
    return Math.max(this.#lastTimestampMs, atMs - this.zeroAtMs);
  }

  frame(timestampMs: number, lengthMs: number, atMs: number): void {
    this.#frames += 1;
    this.#lastTimestampMs = Math.max(this.#lastTimestampMs, timestampMs);
    this.#lastEndMs = Math.max(this.#lastEndMs, timestampMs + lengthMs);
    this.#lastArrivalMs = atMs;
    this.#delays.add(atMs - timestampMs, atMs);
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
    const { leastMs, jitterMs, spreadMs } = this.#delays.estimate;
    const latest = Math.max(beforeMs, Math.min(atMs - leastMs, afterMs ?? Infinity));
    return { fromMs: Math.max(beforeMs, latest - jitterMs), toMs: latest, spreadMs };
  }

  /** The stream's length when it ended at `atMs`: the end of its last frame, or later if frames had stopped long before. */
  endMs(atMs: number): number {
    const { leastMs, jitterMs, usuallyLaterMs } = this.#delays.estimate;
    const byArrival = atMs - leastMs - usuallyLaterMs;
    // After a stall of the event loop, the last frames and the end are read together: then the frames had not stopped.
    const silentFor = Math.min(byArrival - this.#lastEndMs, atMs - this.#lastArrivalMs);
    return this.#frames === 0 || silentFor > jitterMs + LEAST_JITTER_MS / 2
      ? Math.max(this.#lastEndMs, byArrival)
      : this.#lastEndMs;
  }
}
