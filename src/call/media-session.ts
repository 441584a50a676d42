import {
  TurnDetector,
  type TurnEvent,
  type TurnSettings,
  type VoiceActivityDetector,
} from '../audio/speech/turn-detector.ts';
import { FramePlacement } from './playback/frame-placement.ts';
import { type HeardPiece, Playback } from './playback/playback.ts';
import type { Line } from './ports.ts';

/** Without frames for this long the caller counts as silent for turn detection. */
const SILENT_LINE_MS = 500;

/** A detector may own WASM memory; call `release()` when the stream ends. */
export type ReleasableDetector = VoiceActivityDetector & { release?(): void };

export interface MediaSessionOptions {
  readonly line: Line;
  readonly detector: ReleasableDetector;
  readonly turns: TurnSettings;
  /** The stream's time 0, in call milliseconds. */
  readonly startMs: number;
  /** When `start` arrived, by our clock. */
  readonly startedAtMs: number;
}

/** One media stream of a call: its line, its clock, what it plays, and the turns of the caller on it. */
export class MediaSession {
  readonly line: Line;
  readonly playback: Playback;
  readonly #startMs: number;
  readonly #placement: FramePlacement;
  readonly #turns: TurnDetector;
  readonly #detector: ReleasableDetector;

  constructor({ line, detector, turns, startMs, startedAtMs }: MediaSessionOptions) {
    this.line = line;
    this.#detector = detector;
    this.#startMs = startMs;
    this.playback = new Playback(startedAtMs);
    this.#placement = new FramePlacement(startedAtMs);
    this.#turns = new TurnDetector(turns, detector);
  }

  get callerSpeaks(): boolean {
    return this.#turns.speaking;
  }

  /** The caller's utterance in progress, as `TurnDetector.speech`. */
  get speech(): Uint8Array | undefined {
    return this.#turns.speech;
  }

  /** Changes the silence that ends the caller's turn, for the current pause only. */
  awaitSilence(silenceMs: number): void {
    this.#turns.awaitSilence(silenceMs);
  }

  /** Converts stream time to call time, both in milliseconds. */
  callTime(streamMs: number): number {
    return this.#startMs + streamMs;
  }

  /** The end of the last frame, in call milliseconds. */
  get endMs(): number {
    return this.#startMs + this.playback.clock.lastEndMs;
  }

  /** Our clock in call milliseconds, as far as the frames received so far tell. */
  callMs(atMs: number): number {
    return this.#startMs + this.playback.clock.nowMs(atMs);
  }

  /** Places a frame of the caller; returns its stream time. */
  place(timestampMs: number, samples: number, atMs: number): number {
    const streamMs = this.#placement.place(timestampMs, samples, atMs);
    this.playback.frame(streamMs, samples, atMs);
    return streamMs;
  }

  /** Feeds a placed frame to turn detection; `ownDbfs`: the loudness of our own audio now. */
  hear(streamMs: number, mulaw: Uint8Array, ownDbfs: number): TurnEvent[] {
    return this.#turns.hear(this.#startMs + streamMs, mulaw, ownDbfs);
  }

  /** Feeds silence to turn detection if no frame has arrived for a while. */
  silence(atMs: number): TurnEvent[] {
    if (atMs - this.playback.clock.lastArrivalMs <= SILENT_LINE_MS) return [];
    return this.#turns.silentUntil(this.callMs(atMs) - SILENT_LINE_MS);
  }

  /** What was heard of a piece, in call time; undefined if this stream did not send it or no longer knows it. */
  heard(piece: number, atMs: number): HeardPiece | undefined {
    if (!this.playback.knows(piece)) return undefined;
    const heard = this.playback.heard(piece, atMs);
    const { startMs, endMs, bounds } = heard;
    return {
      ...heard,
      startMs: startMs === undefined ? undefined : this.callTime(startMs),
      endMs: endMs === undefined ? undefined : this.callTime(endMs),
      bounds: bounds && { fromMs: this.callTime(bounds.fromMs), toMs: this.callTime(bounds.toMs) },
    };
  }

  /** The line is gone: the current utterance ends here. */
  flush(): TurnEvent[] {
    return this.#turns.flush();
  }

  /** Ends the stream and frees the detector; returns the stream's end in call milliseconds. */
  ended(atMs: number): number {
    this.#detector.release?.();
    return this.#startMs + this.playback.ended(atMs);
  }
}
