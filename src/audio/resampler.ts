import { Speex } from './speex.ts';

let speex: Speex | undefined;
let loading: Promise<void> | undefined;

/** Loads the WebAssembly module of `Resampler`, once. Await it before creating the first one. */
export function loadResampler(): Promise<void> {
  loading ??= import('@echogarden/speex-resampler-wasm/simd').then(async ({ default: load }) => {
    speex = new Speex(await load());
  });
  return loading;
}

/**
 * Changes the sample rate of a stream, band-limited and without delay: output sample 0 corresponds to input sample 0,
 * and after `flush` the output has round(input frames × toHz / fromHz) frames. Interleaved; the caller owns each
 * result. Holds some WebAssembly memory until `close`.
 */
export class Resampler {
  private readonly speex: Speex;
  private readonly channels: number;
  private readonly ratio: number;
  private readonly framesPerRun: number;
  private state: number | undefined;
  private framesIn = 0;
  private framesOut = 0;

  /** Throws if `loadResampler` has not been awaited, and for invalid rates or channel counts. */
  constructor(options: { readonly fromHz: number; readonly toHz: number; readonly channels?: number }) {
    const { fromHz, toHz, channels = 1 } = options;
    if (speex === undefined) throw new Error('await loadResampler() before creating a Resampler');
    for (const value of [fromHz, toHz, channels]) {
      if (!Number.isInteger(value) || value < 1)
        throw new RangeError(`${value} is not a valid rate or channel count`);
    }
    this.speex = speex;
    this.channels = channels;
    this.ratio = toHz / fromHz;
    this.framesPerRun = speex.framesPerRun(channels, this.ratio);
    this.state = speex.open(channels, fromHz, toHz);
  }

  /** Returns the output that is available so far; the filter retains about 5 ms. */
  process(pcm: Int16Array): Int16Array {
    const state = this.opened();
    if (pcm.length % this.channels !== 0) throw new RangeError('the last frame is incomplete');
    this.framesIn += pcm.length / this.channels;
    if (this.ratio === 1) return pcm.slice();
    const pieces: Int16Array[] = [];
    const step = this.framesPerRun * this.channels;
    for (let at = 0; at < pcm.length; at += step) {
      pieces.push(this.speex.run(state, this.channels, pcm.subarray(at, at + step), Infinity));
    }
    return this.counted(pieces);
  }

  /** Returns the rest of the output. The next `process` starts a new stream. */
  flush(): Int16Array {
    const state = this.opened();
    const owed = this.ratio === 1 ? 0 : Math.round(this.framesIn * this.ratio) - this.framesOut;
    const zeros = new Int16Array(Math.min(this.framesPerRun, 256) * this.channels);
    const pieces: Int16Array[] = [];
    for (let left = owed; left > 0; left -= pieces.at(-1)!.length / this.channels) {
      pieces.push(this.speex.run(state, this.channels, zeros, left));
    }
    const rest = this.counted(pieces);
    this.reset();
    return rest;
  }

  /** Discards the current stream; the next `process` starts a new one. */
  reset(): void {
    this.speex.restart(this.opened());
    this.framesIn = 0;
    this.framesOut = 0;
  }

  /** Frees the memory; the resampler is unusable afterwards. May be called twice. */
  close(): void {
    if (this.state !== undefined) this.speex.close(this.state);
    this.state = undefined;
  }

  private opened(): number {
    if (this.state === undefined) throw new Error('the resampler is closed');
    return this.state;
  }

  private counted(pieces: readonly Int16Array[]): Int16Array {
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    this.framesOut += length / this.channels;
    if (pieces.length === 1) return pieces[0]!;
    const joined = new Int16Array(length);
    let at = 0;
    for (const piece of pieces) {
      joined.set(piece, at);
      at += piece.length;
    }
    return joined;
  }
}
