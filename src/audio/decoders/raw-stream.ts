import alawmulaw from 'alawmulaw';
import { decodeMulaw } from '../mulaw.ts';
import type { AudioStream, PcmPiece } from './pcm-piece.ts';

/** 20 ms at 24,000 Hz: enough to see the byte order. */
const ORDER_BYTES = 960;

export interface RawFormat {
  readonly sampleRateHz: number;
  readonly encoding: 'pcm16' | 'mulaw' | 'alaw' | 'float32';
  /** Default: 1. The samples of several channels alternate. */
  readonly channels?: number | undefined;
}

/**
 * Raw samples, converted to one channel. The byte order of 16-bit samples is measured, because labels are not reliable:
 * `audio/L16` means big-endian (RFC 3551) and is used for little-endian samples, too. Read in the wrong order, speech is noise: its
 * samples differ far more from their neighbours.
 */
export class RawStream implements AudioStream {
  readonly #format: RawFormat;
  readonly #frameBytes: number;
  #pending: Uint8Array = new Uint8Array(0);
  #bigEndian: boolean | undefined;

  constructor(format: RawFormat) {
    this.#format = format;
    this.#frameBytes = BYTES[format.encoding] * (format.channels ?? 1);
  }

  read(bytes: Uint8Array): PcmPiece[] {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    return this.#decoded(false);
  }

  end(): PcmPiece[] {
    return this.#decoded(true);
  }

  close(): void {}

  #decoded(complete: boolean): PcmPiece[] {
    const pieces = this.#format.encoding === 'pcm16' ? this.#silence(complete) : [];
    const usable = this.#pending.length - (this.#pending.length % this.#frameBytes);
    if (usable === 0 || (this.#format.encoding === 'pcm16' && this.#bigEndian === undefined)) return pieces;
    return [...pieces, this.#take(usable)];
  }

  /** What is before the first window that shows the byte order: silence is the same in both. */
  #silence(complete: boolean): PcmPiece[] {
    const pieces: PcmPiece[] = [];
    const needed = complete ? this.#frameBytes : ORDER_BYTES;
    while (this.#bigEndian === undefined && this.#pending.length >= needed) {
      const length = Math.min(ORDER_BYTES, this.#pending.length - (this.#pending.length % this.#frameBytes));
      const window = this.#pending.subarray(0, length);
      const [little, big] = [roughness(window, false), roughness(window, true)];
      if (little === big) pieces.push(this.#take(length));
      else this.#bigEndian = little > big;
    }
    return pieces;
  }

  #take(length: number): PcmPiece {
    const { encoding, sampleRateHz, channels = 1 } = this.#format;
    const samples = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length);
    const pcm =
      encoding === 'pcm16' ? pcm16Of(samples, this.#bigEndian ?? false) : DECODERS[encoding](samples);
    return { pcm: channels === 1 ? pcm : meanOf(pcm, channels), sampleRateHz };
  }
}

const BYTES: Readonly<Record<RawFormat['encoding'], number>> = { pcm16: 2, mulaw: 1, alaw: 1, float32: 4 };

const DECODERS: Readonly<Record<Exclude<RawFormat['encoding'], 'pcm16'>, (bytes: Uint8Array) => Int16Array>> =
  {
    mulaw: decodeMulaw,
    alaw: (bytes) => Int16Array.from(bytes, (byte) => alawmulaw.alaw.decodeSample(byte)),
    float32: (bytes) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return Int16Array.from({ length: bytes.length / 4 }, (_, n) =>
        Math.max(-32_768, Math.min(32_767, Math.round(view.getFloat32(4 * n, true) * 32_767))),
      );
    },
  };

function meanOf(interleaved: Int16Array, channels: number): Int16Array {
  return Int16Array.from({ length: interleaved.length / channels }, (_, frame) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) sum += interleaved[frame * channels + channel]!;
    return Math.round(sum / channels);
  });
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
