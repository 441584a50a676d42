import { decodeMulaw } from '../mulaw.ts';
import type { AudioStream, PcmPiece } from './pcm-piece.ts';

/** 20 ms at 24,000 Hz: enough to see the byte order. */
const ORDER_BYTES = 960;

export interface RawFormat {
  readonly sampleRateHz: number;
  readonly encoding: 'pcm16' | 'mulaw';
}

/**
 * Raw samples of one channel. The byte order of 16-bit samples is measured, because labels are not reliable: `audio/L16` means
 * big-endian (RFC 3551) and is used for little-endian samples, too. Read in the wrong order, speech is noise: its samples differ
 * far more from their neighbours.
 */
export class RawStream implements AudioStream {
  readonly #format: RawFormat;
  #pending: Uint8Array = new Uint8Array(0);
  #bigEndian: boolean | undefined;

  constructor(format: RawFormat) {
    this.#format = format;
  }

  read(bytes: Uint8Array): PcmPiece[] {
    const { sampleRateHz, encoding } = this.#format;
    if (encoding === 'mulaw') return bytes.length > 0 ? [{ pcm: decodeMulaw(bytes), sampleRateHz }] : [];
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    if (this.#bigEndian === undefined && this.#pending.length < ORDER_BYTES) return [];
    return this.#decoded();
  }

  end(): PcmPiece[] {
    return this.#format.encoding === 'mulaw' ? [] : this.#decoded();
  }

  close(): void {}

  #decoded(): PcmPiece[] {
    const usable = this.#pending.length & ~1;
    if (usable === 0) return [];
    const samples = this.#pending.subarray(0, usable);
    this.#bigEndian ??= roughness(samples, false) > roughness(samples, true);
    const pcm = pcm16Of(samples, this.#bigEndian);
    this.#pending = this.#pending.subarray(usable);
    return [{ pcm, sampleRateHz: this.#format.sampleRateHz }];
  }
}

/** The sum of the differences between neighbouring samples. */
function roughness(bytes: Uint8Array, bigEndian: boolean): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let sum = 0;
  for (let at = 2; at + 1 < bytes.length; at += 2)
    sum += Math.abs(view.getInt16(at, !bigEndian) - view.getInt16(at - 2, !bigEndian));
  return sum;
}

function pcm16Of(bytes: Uint8Array, bigEndian: boolean): Int16Array {
  const pcm = new Int16Array(bytes.length / 2);
  const copy = Buffer.from(pcm.buffer);
  // Copied, because the bytes may begin at an odd address.
  copy.set(bytes);
  return bigEndian === HOST_IS_BIG_ENDIAN ? pcm : (copy.swap16(), pcm);
}

const HOST_IS_BIG_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 0;
