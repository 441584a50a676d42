import { encodeMulaw } from '../../audio/mulaw.ts';
import { Resampler } from '../../audio/resampler.ts';
import { TELEPHONE_HZ } from '../../audio/telephone.ts';
import { PCM_HZ } from './pcm-encoder.ts';

/** Converts 16-bit little-endian PCM at 24,000 Hz to μ-law at 8,000 Hz. `loadResampler` must have been awaited. */
export class PcmDecoder {
  readonly #resampler = new Resampler({ fromHz: PCM_HZ, toHz: TELEPHONE_HZ });
  /** The first byte of a sample whose second one is still to come. */
  #half = Buffer.alloc(0);

  /** `bytes`: divided anywhere. */
  decode(bytes: Uint8Array): Uint8Array {
    const all = Buffer.concat([this.#half, bytes]);
    const samples = all.length >> 1;
    this.#half = all.subarray(2 * samples);
    const pcm = Int16Array.from({ length: samples }, (_, index) => all.readInt16LE(2 * index));
    return encodeMulaw(this.#resampler.process(pcm));
  }

  /** The rest of the filter. */
  end(): Uint8Array {
    const rest = encodeMulaw(this.#resampler.flush());
    this.close();
    return rest;
  }

  close(): void {
    this.#resampler.close();
  }
}
