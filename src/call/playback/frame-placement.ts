import { SAMPLES_PER_MS } from '../../audio/telephone.ts';

/** A timestamp further ahead of the time since `start` than this is rejected. */
const MAX_AHEAD_MS = 1_000;
/** Timestamps are whole milliseconds. A frame whose timestamp is this close to the end of the last frame continues it. */
const ROUNDING_MS = 1;

/** Places frames of the caller in the stream. */
export class FramePlacement {
  readonly #startedAtMs: number;
  #endMs = 0;
  #rejected = 0;

  /** `startedAtMs`: when the stream's `start` arrived. */
  constructor(startedAtMs: number) {
    this.#startedAtMs = startedAtMs;
  }

  /** The number of frames whose timestamp was rejected. */
  get rejected(): number {
    return this.#rejected;
  }

  /** The stream time of the frame's first sample: its timestamp, or the end of the last frame if the timestamp is rejected. */
  place(timestampMs: number, samples: number, atMs: number): number {
    let streamMs = timestampMs;
    if (timestampMs > atMs - this.#startedAtMs + MAX_AHEAD_MS) {
      this.#rejected += 1;
      streamMs = this.#endMs;
    } else if (Math.abs(timestampMs - this.#endMs) < ROUNDING_MS) streamMs = this.#endMs;
    this.#endMs = Math.max(this.#endMs, streamMs + samples / SAMPLES_PER_MS);
    return streamMs;
  }
}
