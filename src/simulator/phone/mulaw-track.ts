import { MULAW_SILENCE, SAMPLES_PER_MS } from '../../audio/telephone.ts';

/** 8,000 samples per second, one byte each. */
export const BYTES_PER_MS = SAMPLES_PER_MS;

/** The first sample at or after a time. The small tolerance compensates for rounding of fractions of a millisecond. */
export function sampleAt(atMs: number): number {
  return Math.max(0, Math.ceil(atMs * BYTES_PER_MS - 1e-6));
}

/** A growing μ-law recording, sample exact from stream time 0; silent where nothing was written. */
export class AudioTrack {
  #bytes = new Uint8Array(0);
  #length = 0;

  write(atSample: number, mulaw: Uint8Array): void {
    this.#growTo(atSample + mulaw.length);
    this.#bytes.set(mulaw, atSample);
  }

  /** Discards everything from `sample` on. */
  cutAt(sample: number): void {
    if (sample >= this.#length) return;
    this.#bytes.fill(MULAW_SILENCE, sample, this.#length);
    this.#length = sample;
  }

  /** Always `samples` long: silent before the start and after the end. */
  read(fromSample: number, samples: number): Uint8Array {
    const out = new Uint8Array(samples).fill(MULAW_SILENCE);
    const from = Math.max(0, fromSample);
    const to = Math.min(this.#length, fromSample + samples);
    if (to > from) out.set(this.#bytes.subarray(from, to), from - fromSample);
    return out;
  }

  #growTo(length: number): void {
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length, this.#bytes.length * 2, 16_000)).fill(MULAW_SILENCE);
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#length = Math.max(this.#length, length);
  }
}
