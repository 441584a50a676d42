import { AudioTrack, BYTES_PER_MS, sampleAt } from './mulaw-track.ts';

/** Twilio rejects outgoing audio beyond a buffer of ten minutes (error 31931). */
const MOST_QUEUED_MS = 600_000;

interface PendingMark {
  readonly name: string;
  readonly dueMs: number;
}

/** A range of audio without gaps: samples [start, end). */
interface Run {
  readonly start: number;
  end: number;
}

/** The audible state of the assistant on one stream, as a scripted caller perceives it. */
export interface Playout {
  isPlaying(atMs: number): boolean;
  /** The amount of queued audio that has not been played. */
  queuedMs(atMs: number): number;
  /** The start of the current silence; undefined while audio is playing. 0 if there never was any. */
  quietSinceMs(atMs: number): number | undefined;
  /** The first time from `fromMs` on at which audio was playing, as far as is known. */
  firstHeardMs(fromMs: number): number | undefined;
  /** The end of the audio that was playing at `atMs`; undefined if there was none. */
  playedUntilMs(atMs: number): number | undefined;
}

/** Twilio's buffer for audio from the application: played at 8 bytes per millisecond, in continuous time. */
export class PlayoutQueue implements Playout {
  readonly #track = new AudioTrack();
  readonly #runs: Run[] = [];
  readonly #marks: PendingMark[] = [];
  readonly #markLateMs: number;
  #end = 0;

  constructor(markLateMs = 0) {
    this.#markLateMs = markLateMs;
  }

  /** Appends audio to the queue. Returns false if the buffer is full and the audio is rejected. */
  append(mulaw: Uint8Array, atMs: number): boolean {
    if (this.queuedMs(atMs) + mulaw.length / BYTES_PER_MS > MOST_QUEUED_MS) return false;
    if (mulaw.length === 0) return true;
    const start = Math.max(this.#end, sampleAt(atMs));
    this.#track.write(start, mulaw);
    this.#end = start + mulaw.length;
    const last = this.#runs.at(-1);
    if (last?.end === start) last.end = this.#end;
    else this.#runs.push({ start, end: this.#end });
    return true;
  }

  mark(name: string, atMs: number): void {
    this.#marks.push({ name, dueMs: Math.max(atMs, this.#end / BYTES_PER_MS) + this.#markLateMs });
  }

  /** Drops unplayed audio; returns the names of all pending marks, oldest first. */
  clear(atMs: number): readonly string[] {
    const cut = sampleAt(atMs);
    if (cut < this.#end) {
      this.#end = cut;
      this.#track.cutAt(cut);
      const last = this.#runs.at(-1);
      if (last) last.end = cut;
      if (last && last.end <= last.start) this.#runs.pop();
    }
    return this.#marks.splice(0).map((mark) => mark.name);
  }

  /** The time at which the next mark will be reached. */
  get nextMarkMs(): number {
    return this.#marks[0]?.dueMs ?? Infinity;
  }

  takeMark(): string {
    const mark = this.#marks.shift();
    if (!mark) throw new Error('no mark is pending');
    return mark.name;
  }

  isPlaying(atMs: number): boolean {
    return this.queuedMs(atMs) > 0;
  }

  queuedMs(atMs: number): number {
    return Math.max(0, this.#end / BYTES_PER_MS - atMs);
  }

  quietSinceMs(atMs: number): number | undefined {
    return this.isPlaying(atMs) ? undefined : this.#end / BYTES_PER_MS;
  }

  firstHeardMs(fromMs: number): number | undefined {
    const run = this.#runs.find(({ end }) => end / BYTES_PER_MS > fromMs);
    return run && Math.max(fromMs, run.start / BYTES_PER_MS);
  }

  playedUntilMs(atMs: number): number | undefined {
    const run = this.#runs.find(
      ({ start, end }) => start <= atMs * BYTES_PER_MS && atMs * BYTES_PER_MS < end,
    );
    return run && run.end / BYTES_PER_MS;
  }

  /** The audio played in [fromSample, fromSample + samples); the range must not be in the future. */
  heard(fromSample: number, samples: number): Uint8Array {
    return this.#track.read(fromSample, samples);
  }
}
