import { decodeMulaw } from '../../audio/mulaw.ts';
import { Resampler } from '../../audio/resampler.ts';
import { TELEPHONE_HZ } from '../../audio/telephone.ts';

/** The only rate of PCM in the reference of the Realtime interface. */
export const PCM_HZ = 24_000;

/** Converts μ-law at 8,000 Hz to 16-bit little-endian PCM at 24,000 Hz. `loadResampler` must have been awaited. */
export class PcmEncoder {
  readonly #resampler = new Resampler({ fromHz: TELEPHONE_HZ, toHz: PCM_HZ });

  encode(mulaw: Uint8Array): Uint8Array {
    return bytesOf(this.#resampler.process(decodeMulaw(mulaw)));
  }

  /** The rest of an utterance; the next audio is of another one. */
  end(): Uint8Array {
    return bytesOf(this.#resampler.flush());
  }

  /** The utterance is dropped. */
  reset(): void {
    this.#resampler.reset();
  }

  close(): void {
    this.#resampler.close();
  }
}

function bytesOf(pcm: Int16Array): Uint8Array {
  return new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
}
