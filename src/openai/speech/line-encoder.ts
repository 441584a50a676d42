import type { PcmPiece } from '../../audio/decoders/pcm-piece.ts';
import { encodeMulaw } from '../../audio/mulaw.ts';
import { Resampler } from '../../audio/resampler.ts';

const LINE_RATE_HZ = 8_000;

/** Converts one piece of speech to μ-law at 8,000 Hz, with its own filter state. `loadResampler` must have been awaited. */
export class LineEncoder {
  #resampler: Resampler | undefined;
  #rateHz = 0;
  #samples = 0;

  get isEmpty(): boolean {
    return this.#samples === 0;
  }

  *convert(pieces: readonly PcmPiece[]): Generator<Uint8Array> {
    for (const { pcm, sampleRateHz } of pieces) {
      if (pcm.length === 0) continue;
      if (sampleRateHz !== this.#rateHz) yield* this.#open(sampleRateHz);
      yield* this.#encoded(this.#resampler!.process(pcm));
    }
  }

  /** The rest of the filter; without it each sentence would lose its last milliseconds. */
  *end(): Generator<Uint8Array> {
    if (this.#resampler !== undefined) yield* this.#encoded(this.#resampler.flush());
  }

  close(): void {
    this.#resampler?.close();
  }

  /** Several files in one response may have several rates. */
  *#open(rateHz: number): Generator<Uint8Array> {
    yield* this.end();
    this.#resampler?.close();
    this.#resampler = new Resampler({ fromHz: rateHz, toHz: LINE_RATE_HZ });
    this.#rateHz = rateHz;
  }

  *#encoded(pcm: Int16Array): Generator<Uint8Array> {
    this.#samples += pcm.length;
    if (pcm.length > 0) yield encodeMulaw(pcm);
  }
}
