import { lstat, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { isUnsaved } from './unsaved-recordings.ts';

/** No upload lasts this long. */
const ABANDONED_AFTER_MS = 3_600_000;

/** Removes incomplete uploads of crashed processes from their directory; returns how many. */
export async function removeAbandonedUploads(uploads: string, now: Date): Promise<number> {
  let removed = 0;
  for (const name of await readdir(uploads)) {
    if (isUnsaved(name)) continue;
    const file = path.join(uploads, name);
    const facts = await lstat(file).catch(() => undefined);
    if (!facts || now.getTime() - facts.mtimeMs <= ABANDONED_AFTER_MS) continue;
    await rm(file, { force: true });
    removed += 1;
  }
  return removed;
}
