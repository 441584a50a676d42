import type { SpeexModule } from '@echogarden/speex-resampler-wasm/simd';

/**
 * Resampler quality: 0 is the fastest, 10 the best. 5 is flat within 0.1 dB up to 3.4 kHz at a rate of 8 kHz, keeps
 * every alias below -90 dB and delays by 5 ms; 7 costs half as much again and delays by 8 ms.
 */
const QUALITY = 5;
/** Samples (not frames) that fit into each of the two scratch buffers. */
const SCRATCH_SAMPLES = 16_384;

/**
 * libspeexdsp's resampler in one WebAssembly memory, shared by all resamplers. Calls are synchronous, so one scratch
 * buffer serves them all.
 */
export class Speex {
  private readonly module: SpeexModule;
  private readonly input: number;
  private readonly output: number;
  private readonly counts: number;

  constructor(module: SpeexModule) {
    this.module = module;
    this.input = module._malloc(2 * SCRATCH_SAMPLES);
    this.output = module._malloc(2 * SCRATCH_SAMPLES);
    this.counts = module._malloc(8);
  }

  /** Creates a resampler state; release it with `close`. */
  open(channels: number, fromHz: number, toHz: number): number {
    const state = this.module._speex_resampler_init(channels, fromHz, toHz, QUALITY, this.counts);
    if (state === 0)
      throw new RangeError(`cannot resample ${channels} channels from ${fromHz} to ${toHz} Hz`);
    this.restart(state);
    return state;
  }

  restart(state: number): void {
    this.module._speex_resampler_reset_mem(state);
    // Skips half the filter length of input, which removes the delay; `flush` supplies the missing half at the end.
    this.module._speex_resampler_skip_zeros(state);
  }

  close(state: number): void {
    this.module._speex_resampler_destroy(state);
  }

  /** The number of frames that one `run` can take without overflowing its output. */
  framesPerRun(channels: number, ratio: number): number {
    return Math.floor((SCRATCH_SAMPLES / channels - 16) / Math.max(1, ratio));
  }

  /** Resamples at most `framesPerRun` interleaved frames to at most `outFrames`; returns a copy. */
  run(state: number, channels: number, pcm: Int16Array, outFrames: number): Int16Array {
    const { module, input, output, counts } = this;
    module.HEAP16.set(pcm, input >> 1);
    module.HEAP32[counts >> 2] = pcm.length / channels;
    module.HEAP32[(counts >> 2) + 1] = Math.min(outFrames, Math.floor(SCRATCH_SAMPLES / channels));
    module._speex_resampler_process_interleaved_int(state, input, counts, output, counts + 4);
    const made = module.HEAP32[(counts >> 2) + 1]!;
    return module.HEAP16.slice(output >> 1, (output >> 1) + made * channels);
  }
}
