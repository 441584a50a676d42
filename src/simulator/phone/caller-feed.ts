import { decodeMulaw, encodeMulaw } from '../../audio/mulaw.ts';
import { FRAME_SAMPLES, MULAW_SILENCE } from '../../audio/telephone.ts';
import { AudioTrack, BYTES_PER_MS, sampleAt } from './mulaw-track.ts';

export interface CallerFeedOptions {
  /** Timestamp of the first frame (default 0). */
  readonly firstTimestampMs?: number;
  /** If false, silent frames are not sent, as on some real calls (default true). */
  readonly sendSilence?: boolean;
  /** Sizes of the frames in bytes, used in turn (default 160). */
  readonly chunkBytes?: readonly number[];
  /** Every nth frame is lost. */
  readonly loseEvery?: number;
}

/** Adds background sound to the caller's frame; `heard` is the output of the telephone's loudspeaker. */
export type Ambience = (
  startSample: number,
  pcm: Int16Array,
  heard: (fromSample: number, samples: number) => Uint8Array,
) => void;

export interface CallerFrame {
  readonly timestampMs: number;
  readonly mulaw: Uint8Array;
}

/** The audio of the caller's side: speech on a background of silence, cut into frames, some of them lost. */
export class CallerFeed {
  readonly #planned = new AudioTrack();
  readonly #carried = new AudioTrack();
  readonly #lost: { fromMs: number; toMs: number }[] = [];
  readonly #sizes: readonly number[];
  readonly #sendSilence: boolean;
  readonly #loseEvery: number;
  readonly #ambience: Ambience | undefined;
  #nextSample: number;
  #frames = 0;

  constructor(options: CallerFeedOptions, ambience?: Ambience) {
    this.#sizes = options.chunkBytes ?? [FRAME_SAMPLES];
    if (this.#sizes.length === 0 || this.#sizes.some((size) => !Number.isInteger(size) || size < 1)) {
      throw new RangeError('chunkBytes: must be positive integers');
    }
    this.#sendSilence = options.sendSilence ?? true;
    this.#loseEvery = options.loseEvery ?? Infinity;
    this.#ambience = ambience;
    this.#nextSample = sampleAt(options.firstTimestampMs ?? 0);
  }

  /** The time of the next frame, which is its timestamp. */
  get nextFrameMs(): number {
    return this.#nextSample / BYTES_PER_MS;
  }

  /**
   * Speaks from `atMs` on, or from the next frame on if that time has passed; overlapping speech is mixed. Returns the
   * actual start.
   */
  speak(mulaw: Uint8Array, atMs: number): number {
    const start = Math.max(sampleAt(atMs), this.#nextSample);
    this.#planned.write(start, mixed(this.#planned.read(start, mulaw.length), mulaw));
    return start / BYTES_PER_MS;
  }

  /** Frames in [fromMs, toMs) are lost. */
  lose(fromMs: number, toMs: number): void {
    this.#lost.push({ fromMs, toMs });
  }

  /** The next frame, or undefined if it was lost or is silence that is not sent. */
  takeFrame(heard: (fromSample: number, samples: number) => Uint8Array): CallerFrame | undefined {
    const start = this.#nextSample;
    const size = this.#sizes[this.#frames++ % this.#sizes.length] ?? FRAME_SAMPLES;
    this.#nextSample += size;
    const atMs = start / BYTES_PER_MS;
    if (this.#frames % this.#loseEvery === 0) return undefined;
    if (this.#lost.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs)) return undefined;

    let mulaw = this.#planned.read(start, size);
    if (this.#ambience) {
      const pcm = decodeMulaw(mulaw);
      this.#ambience(start, pcm, heard);
      mulaw = encodeMulaw(pcm);
    }
    if (!this.#sendSilence && mulaw.every((code) => code === MULAW_SILENCE)) return undefined;
    this.#carried.write(start, mulaw);
    return { timestampMs: Math.floor(atMs), mulaw };
  }

  /** The audio that reached the media server, `samples` long from stream time 0. */
  carried(samples: number): Uint8Array {
    return this.#carried.read(0, samples);
  }
}

/** The sum of two signals; where one is silent, the codes of the other are unchanged. */
function mixed(under: Uint8Array, over: Uint8Array): Uint8Array {
  if (under.every((code) => code === MULAW_SILENCE)) return over;
  const sum = decodeMulaw(under);
  const added = decodeMulaw(over);
  for (let i = 0; i < sum.length; i++) {
    sum[i] = Math.max(-32_768, Math.min(32_767, (sum[i] ?? 0) + (added[i] ?? 0)));
  }
  return encodeMulaw(sum);
}
