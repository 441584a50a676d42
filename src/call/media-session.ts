import {
  TurnDetector,
  type TurnEvent,
  type TurnSettings,
  type VoiceActivityDetector,
} from '../audio/speech/turn-detector.ts';
import { FramePlacement } from './playback/frame-placement.ts';
import { type HeardPiece, Playback } from './playback/playback.ts';
import type { Line } from './ports.ts';

/** Without frames for this long the caller is taken to be silent, as far as turn-taking goes. */
const SILENT_LINE_MS = 500;

/** A judge of speech may hold memory of its own. */
export type StreamJudge = VoiceActivityDetector & { release?(): void };

/** One media stream of a call while it lasts: its line, its time, what it plays and what the caller says on it. */
export class MediaSession {
  readonly line: Line;
  readonly playback: Playback;
  /** The stream's time 0 in call milliseconds. */
  readonly #startMs: number;
  readonly #track: FramePlacement;
  readonly #detector: TurnDetector;
  readonly #judge: StreamJudge;

  /** `startedAtMs`: when `start` arrived; `startMs`: where that lies in the call. */
  constructor(parts: {
    line: Line;
    judge: StreamJudge;
    turns: TurnSettings;
    startMs: number;
    startedAtMs: number;
  }) {
    this.line = parts.line;
    this.#judge = parts.judge;
    this.#startMs = parts.startMs;
    this.playback = new Playback(parts.startedAtMs);
    this.#track = new FramePlacement(parts.startedAtMs);
    this.#detector = new TurnDetector(parts.turns, parts.judge);
  }

  get callerSpeaks(): boolean {
    return this.#detector.speaking;
  }

  /** Stream time in call milliseconds. */
  callTime(streamMs: number): number {
    return this.#startMs + streamMs;
  }

  /** The end of the last frame, in call milliseconds. */
  get endMs(): number {
    return this.#startMs + this.playback.clock.lastEndMs;
  }

  /** The call's time as far as it can have been seen from here. */
  callMs(atMs: number): number {
    return this.#startMs + this.playback.clock.nowMs(atMs);
  }

  /** A frame of the caller: gives the stream time where it belongs. */
  place(timestampMs: number, samples: number, atMs: number): number {
    const streamMs = this.#track.place(timestampMs, samples, atMs);
    this.playback.frame(streamMs, samples, atMs);
    return streamMs;
  }

  /** What a placed frame means for turn-taking; `ownDbfs`: how loud we are just now. */
  hear(streamMs: number, mulaw: Uint8Array, ownDbfs: number): TurnEvent[] {
    return this.#detector.hear(this.#startMs + streamMs, mulaw, ownDbfs);
  }

  /** No frame has come for a while: what that means for turn-taking. */
  silence(atMs: number): TurnEvent[] {
    if (atMs - this.playback.clock.lastArrivalMs <= SILENT_LINE_MS) return [];
    return this.#detector.silentUntil(this.callMs(atMs) - SILENT_LINE_MS);
  }

  /** What was heard of a piece, in call time; undefined where none of that name was sent here, or it is long past. */
  heard(piece: number, atMs: number): HeardPiece | undefined {
    if (!this.playback.knows(piece)) return undefined;
    const heard = this.playback.heard(piece, atMs);
    const later = (ms: number) => this.#startMs + ms;
    return {
      ...heard,
      ...(heard.startMs !== undefined && { startMs: later(heard.startMs) }),
      ...(heard.endMs !== undefined && { endMs: later(heard.endMs) }),
      ...(heard.bounds && {
        bounds: { fromMs: later(heard.bounds.fromMs), toMs: later(heard.bounds.toMs) },
      }),
    };
  }

  /** The line is gone: what was being said ends here. */
  flush(): TurnEvent[] {
    return this.#detector.flush();
  }

  /** Gives the call time at which the stream ended. */
  ended(atMs: number): number {
    this.#judge.release?.();
    return this.#startMs + this.playback.ended(atMs);
  }
}
