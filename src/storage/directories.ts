import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes a folder and those above it; throws where that may not be. Node's own way of making all of them (`recursive`) never
 * comes back where a file system has no such name and takes none, as /proc does.
 */
export function createDirectory(folder: string, mode?: number): void {
  if (isDirectory(folder)) return;
  const above = path.dirname(folder);
  if (above !== folder) createDirectory(above);
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    // Another process may have been faster.
    if (!isDirectory(folder)) throw error;
  }
}

export function isDirectory(place: string): boolean {
  try {
    return statSync(place).isDirectory();
  } catch {
    return false;
  }
}
