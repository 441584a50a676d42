import { statfs } from 'node:fs/promises';

export interface DiskSpace {
  /** What we may still write. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** How much room is on the disk that holds a folder. */
export async function diskSpace(folder: string): Promise<DiskSpace> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}
