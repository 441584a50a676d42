import type { PcmPiece } from '../../audio/decoders/pcm-piece.ts';
import { encodeMulaw } from '../../audio/mulaw.ts';
import { Resampler } from '../../audio/resampler.ts';

const LINE_RATE_HZ = 8_000;
/** -60 dB of full scale; the smallest steps of μ-law are 8 (ITU-T G.711, 14 bits in 16). */
const AUDIBLE_PEAK = 32;

/** Converts one piece of speech to μ-law at 8,000 Hz, with its own filter state. `loadResampler` must have been awaited. */
export class LineEncoder {
  #resampler: Resampler | undefined;
  #rateHz = 0;
  #samples = 0;
  #isAudible = false;
  #held: Uint8Array[] = [];

  get isEmpty(): boolean {
    return this.#samples === 0;
  }

  /** The length of the silence at the start while no sound has followed. */
  get silentMs(): number {
    return this.#isAudible ? 0 : (this.#samples * 1_000) / LINE_RATE_HZ;
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

  /** Silence at the start is held back until a sound follows. */
  *#encoded(pcm: Int16Array): Generator<Uint8Array> {
    if (pcm.length === 0) return;
    this.#samples += pcm.length;
    if (!this.#isAudible) {
      this.#isAudible = pcm.some((sample) => Math.abs(sample) >= AUDIBLE_PEAK);
      this.#held.push(encodeMulaw(pcm));
      if (!this.#isAudible) return;
      yield* this.#held;
      this.#held = [];
    } else yield encodeMulaw(pcm);
  }
}
