import { containerOf } from '../container.ts';
import { MPEG1_KBPS, MPEG2_KBPS } from '../formats/mp3-bitrates.ts';
import type { CompressedFormat } from './compressed-stream.ts';

/** What the first bytes of a stream show. `other`: a known format that is not decoded. `samples`: no known format. */
export type AudioKind =
  | { readonly kind: 'wav' | 'samples' | 'text' }
  | { readonly kind: 'compressed'; readonly format: CompressedFormat }
  | { readonly kind: 'other'; readonly name: string };

const MIN_BYTES = 12;
const TEXT_BYTES = 64;

/**
 * Detects the kind of a stream by its first bytes, not by labels; undefined if more are needed: at most an MP3 frame and the
 * header of the next one, 2,883 bytes.
 */
export function audioKindOf(head: Uint8Array, complete: boolean): AudioKind | undefined {
  if (head.length < MIN_BYTES) return complete ? { kind: isText(head) ? 'text' : 'samples' } : undefined;
  const ascii = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const start = ascii.toString('latin1', 0, 4);
  if (/^(RIFF|RF64|BW64)$/u.test(start) && ascii.toString('latin1', 8, 12) === 'WAVE') return { kind: 'wav' };
  switch (containerOf(head)) {
    case 'flac':
      return { kind: 'compressed', format: 'flac' };
    case 'ogg':
      return oggKind(ascii, complete);
    case 'webm':
      return { kind: 'other', name: 'WebM' };
    case 'mp4':
      return { kind: 'other', name: 'MP4' };
    default:
  }
  if (start.startsWith('ID3') && head[3]! < 0xff) return { kind: 'compressed', format: 'mp3' };
  if (isText(head)) return head.length < TEXT_BYTES && !complete ? undefined : { kind: 'text' };
  if (head[0] !== 0xff || (head[1]! & 0xe0) !== 0xe0) return { kind: 'samples' };
  return mpegKind(head, complete);
}

function oggKind(ascii: Buffer, complete: boolean): AudioKind | undefined {
  const first = ascii.subarray(0, 64).toString('latin1');
  if (first.includes('OpusHead')) return { kind: 'compressed', format: 'ogg-opus' };
  if (first.includes('\x01vorbis')) return { kind: 'compressed', format: 'ogg-vorbis' };
  if (ascii.length < 64 && !complete) return undefined;
  return { kind: 'other', name: 'Ogg with an unknown codec' };
}

/** The sync word alone could be a loud first sample: the next frame must begin where the first one says that it ends. */
function mpegKind(head: Uint8Array, complete: boolean): AudioKind | undefined {
  // ADTS: layer 0, which MPEG audio does not have.
  if ((head[1]! & 0x06) === 0 && (head[1]! & 0xf0) === 0xf0) {
    const length = ((head[3]! & 0x03) << 11) | (head[4]! << 3) | (head[5]! >> 5);
    if (length > 7 && head[length] === 0xff && (head[length + 1]! & 0xf6) === 0xf0)
      return { kind: 'other', name: 'AAC' };
  }
  const length = mp3FrameLength(head);
  if (length === undefined) return { kind: 'samples' };
  if (head.length < length + 2) return complete ? { kind: 'samples' } : undefined;
  const isNext = head[length] === 0xff && head[length + 1]! >> 1 === head[1]! >> 1;
  return isNext ? { kind: 'compressed', format: 'mp3' } : { kind: 'samples' };
}

const MPEG1_HZ = [44_100, 48_000, 32_000];
/** MPEG-1 is version 3; 2 is MPEG-2 with half the rates, 0 is MPEG-2.5 with a quarter. */
const RATE_DIVISOR: Readonly<Record<number, number>> = { 3: 1, 2: 2, 0: 4 };

/** The bytes of the layer III frame that begins here; undefined if none does. */
function mp3FrameLength(head: Uint8Array): number | undefined {
  const version = (head[1]! >> 3) & 3;
  const layer = (head[1]! >> 1) & 3;
  const divisor = RATE_DIVISOR[version];
  const kbps = (version === 3 ? MPEG1_KBPS : MPEG2_KBPS)[head[2]! >> 4];
  const rateHz = MPEG1_HZ[(head[2]! >> 2) & 3];
  if (layer !== 1 || divisor === undefined || !kbps || rateHz === undefined) return undefined;
  const padding = (head[2]! >> 1) & 1;
  return Math.floor(((version === 3 ? 144_000 : 72_000) * kbps * divisor) / rateHz) + padding;
}

/** JSON, a page or a sentence: the first bytes are UTF-8 without control characters. Samples are not. */
function isText(head: Uint8Array): boolean {
  const begun = head.subarray(0, TEXT_BYTES);
  if (begun.length === 0 || begun.some((byte) => byte === 0x7f || (byte < 0x20 && !BLANKS.includes(byte))))
    return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(begun, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** Tab, line feed, vertical tab, form feed, carriage return. */
const BLANKS = [9, 10, 11, 12, 13];
