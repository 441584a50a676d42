import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { WrittenFile } from '../../src/storage/durable-file.ts';

/** Writes a file of that size whose bytes are all different from place to place, the same for each seed. */
export function madeFile(path: string, sizeBytes: number, seed = 1): WrittenFile {
  const bytes = Buffer.alloc(sizeBytes);
  let state = seed >>> 0 || 1;
  for (let at = 0; at + 4 <= sizeBytes; at += 4) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes.writeInt32LE(state | 0, at);
  }
  writeFileSync(path, bytes);
  return { path, sizeBytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}
