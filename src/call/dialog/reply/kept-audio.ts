import { startQuietly } from '../../playback/quiet-start.ts';

/** Audio of a sentence that was passed to the output, kept so that the sentence can be continued. μ-law at 8,000 Hz. */
export class KeptAudio {
  #parts: Uint8Array[] = [];
  #length = 0;
  #forgotten = 0;

  /** All that was passed to the output, in samples; also what is not kept any more. */
  get length(): number {
    return this.#length;
  }

  get keptLength(): number {
    return this.#length - this.#forgotten;
  }

  add(parts: readonly Uint8Array[]): void {
    this.#parts.push(...parts);
    this.#length += totalLength(parts);
  }

  /** Forgets the beginning, so that little more than `samples` are kept. */
  keepLast(samples: number): void {
    for (let first = this.#parts[0]; first; first = this.#parts[0]) {
      if (this.keptLength - first.length < samples) return;
      this.#parts.shift();
      this.#forgotten += first.length;
    }
  }

  /** The audio from this sample on, or from the first one that is kept. */
  from(sample: number): Uint8Array {
    return startQuietly(Buffer.concat(this.#parts), Math.max(0, sample - this.#forgotten));
  }
}

export function totalLength(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}
