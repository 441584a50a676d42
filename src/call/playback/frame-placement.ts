import { SAMPLES_PER_MS } from './playback-runs.ts';

/** A timestamp further ahead of the time since `start` than this is not believed. */
const BELIEVED_AHEAD_MS = 1_000;
/** Timestamps are whole milliseconds, frames of odd lengths begin between them: so near, a frame continues the last one. */
const ROUNDING_MS = 1;

/** Decides where in the stream a frame of the caller belongs. */
export class FramePlacement {
  readonly #startedAtMs: number;
  #endMs = 0;
  #disbelieved = 0;

  /** `startedAtMs`: when the stream's `start` arrived. */
  constructor(startedAtMs: number) {
    this.#startedAtMs = startedAtMs;
  }

  get disbelieved(): number {
    return this.#disbelieved;
  }

  /** Stream time of the frame's first sample: its own timestamp, or the end of the last frame where that says it better. */
  place(timestampMs: number, samples: number, atMs: number): number {
    let streamMs = timestampMs;
    if (timestampMs > atMs - this.#startedAtMs + BELIEVED_AHEAD_MS) {
      this.#disbelieved += 1;
      streamMs = this.#endMs;
    } else if (Math.abs(timestampMs - this.#endMs) < ROUNDING_MS) streamMs = this.#endMs;
    this.#endMs = Math.max(this.#endMs, streamMs + samples / SAMPLES_PER_MS);
    return streamMs;
  }
}
