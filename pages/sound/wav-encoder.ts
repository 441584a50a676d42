import { pcm16Header } from '../../src/audio/wav/pcm16-header.ts';

const BYTES_PER_SAMPLE = 2;

/** Collects samples from -1 to 1 and encodes them as a WAV file: 16-bit PCM, one channel. */
export class WavEncoder {
  readonly #sampleRateHz: number;
  readonly #blocks: Int16Array<ArrayBuffer>[] = [];
  #samples = 0;

  constructor(sampleRateHz: number) {
    this.#sampleRateHz = sampleRateHz;
  }

  get durationMs(): number {
    return (this.#samples / this.#sampleRateHz) * 1_000;
  }

  get samples(): number {
    return this.#samples;
  }

  add(samples: Float32Array): void {
    const pcm = toPcm16(samples);
    this.#blocks.push(pcm);
    this.#samples += pcm.length;
  }

  /** Samples starting at `from`, at most `most` of them. */
  slice(from: number, most: number): Int16Array {
    const out = new Int16Array(Math.max(0, Math.min(most, this.#samples - from)));
    // Searches from the end, because nearly all requests are for recent samples.
    let end = this.#samples;
    for (let index = this.#blocks.length - 1; index >= 0 && end > from; index--) {
      const block = this.#blocks[index]!;
      const start = end - block.length;
      end = start;
      if (start >= from + out.length) continue;
      const part = block.subarray(Math.max(0, from - start), from + out.length - start);
      out.set(part, Math.max(0, start - from));
    }
    return out;
  }

  /** WAV is little-endian, and so are the processors of browsers. */
  file(): Blob {
    const header = pcm16Header(this.#sampleRateHz, 1, this.#samples * BYTES_PER_SAMPLE);
    return new Blob([header, ...this.#blocks], { type: 'audio/wav' });
  }
}

function toPcm16(samples: Float32Array): Int16Array<ArrayBuffer> {
  return Int16Array.from(samples, (sample) => Math.round(Math.max(-1, Math.min(1, sample)) * 32_767));
}

/** The peak level, 0 to 1. */
export function peakOf(samples: Float32Array): number {
  return samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
}
