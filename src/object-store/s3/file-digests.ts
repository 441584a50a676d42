import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** Larger files are uploaded in parts of this size, so that an interrupted upload can be resumed. */
export const PART_BYTES = 8 * 1024 * 1024;
/** Hashing one block must not delay a live call. */
export const BLOCK_BYTES = 128 * 1024;

export interface PartDigest {
  readonly offset: number;
  readonly sizeBytes: number;
  /** Base64. */
  readonly sha256: string;
}

/** A file as it was read from disk, whole and by parts. */
export interface FileDigests {
  readonly sizeBytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly parts: readonly PartDigest[];
}

export async function digestParts(file: string): Promise<FileDigests> {
  const whole = createHash('sha256');
  const parts: PartDigest[] = [];
  let part = createHash('sha256');
  let offset = 0;
  let sizeBytes = 0;
  const endPart = (): void => {
    parts.push({ offset, sizeBytes: sizeBytes - offset, sha256: part.digest('base64') });
    part = createHash('sha256');
    offset = sizeBytes;
  };
  for await (const block of createReadStream(file, { highWaterMark: BLOCK_BYTES }) as AsyncIterable<Buffer>) {
    whole.update(block);
    for (let at = 0; at < block.length;) {
      const piece = block.subarray(at, at + PART_BYTES - (sizeBytes - offset));
      part.update(piece);
      at += piece.length;
      sizeBytes += piece.length;
      if (sizeBytes - offset === PART_BYTES) endPart();
    }
  }
  if (sizeBytes > offset || parts.length === 0) endPart();
  return { sizeBytes, sha256: whole.digest('hex'), parts };
}

/** The checksum that a store reports for a multipart upload: the checksum of the parts' checksums, and their number. */
export function compositeOf(parts: readonly PartDigest[]): string {
  const whole = createHash('sha256');
  for (const { sha256 } of parts) whole.update(Buffer.from(sha256, 'base64'));
  return `${whole.digest('base64')}-${parts.length}`;
}
