import { mkdtempSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import type { Settings } from '../settings/settings.ts';
import { DataDirectory } from '../storage/data-directory.ts';
import { createDirectory, isDirectory } from '../storage/directories.ts';
import { errorText, isFull } from '../storage/file-system-errors.ts';
import { UnusableSettings } from './command-settings.ts';

/** For commands that write to directories, by setting name. Throws `UnusableSettings`. */
export function createDirectories(directories: Readonly<Record<string, string>>): void {
  const errors = Object.entries(directories).flatMap(([name, folder]) => {
    const error = writeError(folder);
    if (error === undefined) return [];
    return [`${name} is "${folder}"; it must be a directory that can be created and written to (${error}).`];
  });
  if (errors.length > 0) throw new UnusableSettings(errors);
}

/** For commands that read or delete existing data: creates nothing, and throws if there is no installation. */
export function requireInstallation({ recording: { directory } }: Settings): void {
  if (DataDirectory.exists(directory)) return;
  throw new Error(
    `There is no installation in ${directory}; set RECORDINGS_DIRECTORY to the directory of one.`,
  );
}

/** Tries to write, because the mode bits are not sufficient: some file systems are read-only. A full disk can be emptied. */
function writeError(folder: string): string | undefined {
  try {
    createDirectory(folder);
    rmdirSync(mkdtempSync(path.join(folder, '.offhook-')));
    return undefined;
  } catch (error) {
    return isFull(error) && isDirectory(folder) ? undefined : errorText(error);
  }
}
