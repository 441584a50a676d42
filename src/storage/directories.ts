import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

const PRIVATE_DIRECTORY = 0o700;
const PRIVATE_FILE = 0o600;
/** In a directory that is shared with FILE_GROUP. */
const GROUP_FILE = 0o640;
const SET_GROUP_ID = 0o2000;

/**
 * Makes a folder, private by default, and those above it with the mode of the umask; throws where that may not be. Node's own way of making all of them (`recursive`) never
 * comes back where a file system has no such name and takes none, as /proc does.
 */
export function createDirectory(folder: string, mode = PRIVATE_DIRECTORY): void {
  if (isDirectory(folder)) return;
  const above = path.dirname(folder);
  if (above !== folder) createDirectory(above, 0o777);
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    // Another process may have been faster.
    if (!isDirectory(folder)) throw error;
  }
}

/** The mode of new files in a directory: private, or readable by FILE_GROUP if its set-group-id bit is set. */
export function fileModeIn(directory: string): number {
  return (statSync(directory).mode & SET_GROUP_ID) === 0 ? PRIVATE_FILE : GROUP_FILE;
}

export function isDirectory(place: string): boolean {
  try {
    return statSync(place).isDirectory();
  } catch {
    return false;
  }
}
