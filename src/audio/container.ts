/** Container formats of audio files that browsers record and services accept. */
export const CONTAINERS = ['webm', 'ogg', 'wav', 'mp3', 'mp4', 'flac'] as const;
export type Container = (typeof CONTAINERS)[number];

/** Detects the format of a file by its first bytes; undefined if it is not a known one. */
export function containerOf(bytes: Uint8Array): Container | undefined {
  if (bytes.length < 12) return undefined;
  const text = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  // EBML (Matroska, RFC 8794), Ogg (RFC 3533), RIFF, FLAC, ISO base media (ISO/IEC 14496-12), ID3, MPEG audio's sync.
  if (bytes[0] === 0x1a && bytes[1] === 0x45 && bytes[2] === 0xdf && bytes[3] === 0xa3) return 'webm';
  if (text(0, 4) === 'OggS') return 'ogg';
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WAVE') return 'wav';
  if (text(0, 4) === 'fLaC') return 'flac';
  if (text(4, 8) === 'ftyp') return 'mp4';
  if (text(0, 3) === 'ID3') return 'mp3';
  return bytes[0] === 0xff && (bytes[1]! & 0xe6) === 0xe2 ? 'mp3' : undefined;
}
