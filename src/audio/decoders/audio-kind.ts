import { containerOf } from '../container.ts';
import { MPEG1_KBPS, MPEG2_KBPS } from '../formats/mp3-bitrates.ts';
import type { CompressedFormat } from './compressed-stream.ts';

/**
 * What the first bytes of a stream show. `other`: a known format that is not decoded. `samples`: no known format, and like 16-bit
 * samples of a sound; `floats`: like samples of 32-bit floating point; `noise`: like neither. `wav`, `compressed`: a file that begins after `skip` bytes.
 */
export type AudioKind =
  | { readonly kind: 'samples' | 'floats' | 'noise' | 'text' }
  | { readonly kind: 'wav'; readonly skip: number }
  | { readonly kind: 'compressed'; readonly format: CompressedFormat; readonly skip?: number }
  | { readonly kind: 'other'; readonly name: string };

const MIN_BYTES = 12;
const TEXT_BYTES = 64;
/** Blank lines or the header of a part (RFC 2046) before a file. */
const MAX_PREAMBLE_BYTES = 512;

/** Blank lines, a byte order mark or zeros before the first bytes of FLAC, Ogg and MP3. */
const FILE_BEGIN = /^([\s\0\u00ef\u00bb\u00bf]{1,512})(?=fLaC\0|OggS\0|ID3|\xff[\xfa\xfb\xf2\xf3])/u;

/** First bytes of formats that are not decoded, in Latin-1. */
const OTHER_FORMATS: readonly (readonly [start: string, name: string])[] = [
  ['FORM', 'AIFF'],
  ['.snd', 'AU'],
  ['dns.', 'AU'],
  ['RIFX', 'RIFX'],
  ['RIFF', 'a RIFF file that is not WAV'],
  ['RF64', 'a RIFF file that is not WAV'],
  ['BW64', 'a RIFF file that is not WAV'],
  ['caff', 'CAF'],
  ['#!AMR', 'AMR'],
  ['\x1f\x8b', 'gzip'],
  ['PK\x03\x04', 'ZIP'],
  ['\x28\xb5\x2f\xfd', 'zstd'],
  ['0&\xb2u\x8ef\xcf\x11', 'WMA'],
  ['\x89PNG', 'PNG'],
  ['\xff\xd8\xff', 'JPEG'],
  ['%PDF', 'PDF'],
  ['MThd', 'MIDI'],
  ['wvpk', 'WavPack'],
];

/**
 * Detects the kind of a stream by its first bytes, not by labels; undefined if more are needed: at most an MP3 frame and the
 * header of the next one, 2,883 bytes.
 */
export function audioKindOf(head: Uint8Array, complete: boolean): AudioKind | undefined {
  if (head.length < MIN_BYTES) return complete ? { kind: isText(head) ? 'text' : 'samples' } : undefined;
  const ascii = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const start = ascii.toString('latin1', 0, MAX_PREAMBLE_BYTES);
  const skip = /(?:RIFF|RF64|BW64)[^]{4}WAVE/u.exec(start)?.index;
  if (skip === 0 || (skip !== undefined && isText(head.subarray(0, skip)))) return { kind: 'wav', skip };
  const begin = FILE_BEGIN.exec(start)?.[1]?.length ?? 0;
  if (begin > 0) {
    const kind = audioKindOf(head.subarray(begin), complete);
    return kind?.kind === 'compressed' ? { ...kind, skip: begin } : kind;
  }
  const other = OTHER_FORMATS.find(([magic]) => start.startsWith(magic));
  if (other) return { kind: 'other', name: other[1] };
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
  if (isText(head))
    return head.length < MAX_PREAMBLE_BYTES && !complete && mayBePreamble(start)
      ? undefined
      : textKind(head, complete);
  if (head[0] !== 0xff || (head[1]! & 0xe0) !== 0xe0) return samplesKind(head, complete);
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
    if (length > 7 && head.length < length + 2 && !complete) return undefined;
    if (length > 7 && head[length] === 0xff && (head[length + 1]! & 0xf6) === 0xf0)
      return { kind: 'other', name: 'AAC' };
  }
  const length = mp3FrameLength(head);
  if (length === undefined) return samplesKind(head, complete);
  if (head.length < length + 2) return complete ? samplesKind(head, complete) : undefined;
  const isNext = head[length] === 0xff && head[length + 1]! >> 1 === head[1]! >> 1;
  return isNext ? { kind: 'compressed', format: 'mp3' } : samplesKind(head, complete);
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

/** A page or an error is known after its first words; the header of a part is longer. */
function textKind(head: Uint8Array, complete: boolean): AudioKind | undefined {
  return head.length < TEXT_BYTES && !complete ? undefined : { kind: 'text' };
}

function mayBePreamble(start: string): boolean {
  return /^\s*(?:--|$)/u.test(start);
}

/** The bytes that show whether they are samples of a sound: 20 ms at 24,000 Hz. */
const SAMPLES_BYTES = 960;
/** Silence has the same bytes in each format of samples: what follows it shows the format. 200 ms of floats at 24,000 Hz. */
const MAX_SILENCE_BYTES = 19_200;
/** Floats of a sound are -1 to 1; some exceed it a little. 1e-6 is a thirtieth of the smallest step of 16 bits. */
const FLOAT_RANGE = { min: 1e-6, max: 2 } as const;
const MIN_SHARE_OF_FLOATS = 0.95;
/** The mean of uniform noise is half of the full scale. No voice is nearly as loud. */
const NOISE_MEAN = 11_000;

/** Compressed or encrypted bytes are noise at full scale in both byte orders. */
function samplesKind(head: Uint8Array, complete: boolean): AudioKind | undefined {
  if (head.length < SAMPLES_BYTES && !complete) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (isSilence(head)) return complete || head.length >= MAX_SILENCE_BYTES ? { kind: 'samples' } : undefined;
  if (areFloats(view)) return { kind: 'floats' };
  const isNoise = [true, false].every((littleEndian) => isNoiseIn(view, littleEndian));
  return { kind: isNoise ? 'noise' : 'samples' };
}

function isSilence(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/**
 * Whether little-endian 32-bit words are samples of floating point. Pairs of 16-bit samples are not: their exponents would be in the
 * range only if every second sample were between 13,700 and 16,400, or as far below zero.
 */
function areFloats(view: DataView): boolean {
  const words = Math.min(view.byteLength, MAX_SILENCE_BYTES) >> 2;
  let [samples, inRange] = [0, 0];
  for (let n = 0; n < words; n += 1) {
    const magnitude = Math.abs(view.getFloat32(4 * n, true));
    if (magnitude === 0) continue;
    samples += 1;
    if (magnitude >= FLOAT_RANGE.min && magnitude <= FLOAT_RANGE.max) inRange += 1;
  }
  return samples > 0 && inRange >= samples * MIN_SHARE_OF_FLOATS;
}

function isNoiseIn(view: DataView, littleEndian: boolean): boolean {
  const count = Math.min(view.byteLength, 4 * SAMPLES_BYTES) >> 1;
  let [magnitude, difference, previous] = [0, 0, 0];
  for (let n = 0; n < count; n += 1) {
    const sample = view.getInt16(2 * n, littleEndian);
    magnitude += Math.abs(sample);
    difference += Math.abs(sample - previous);
    previous = sample;
  }
  return count > 0 && magnitude / count > NOISE_MEAN && difference > magnitude;
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
