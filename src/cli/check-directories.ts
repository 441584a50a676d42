import { mkdtempSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import type { Settings } from '../settings/settings.ts';
import { DataDirectory } from '../storage/data-directory.ts';
import { createDirectory } from '../storage/directories.ts';
import { UnusableSettings } from './command-settings.ts';

/** For commands that write, folders by the names of their settings: throws `UnusableSettings`. */
export function createDirectories(directories: Readonly<Record<string, string>>): void {
  const errors = Object.entries(directories).flatMap(([name, folder]) => {
    const error = writeError(folder);
    if (error === undefined) return [];
    return [`${name} is "${folder}"; it must be a folder that can be made and written to (${error}).`];
  });
  if (errors.length > 0) throw new UnusableSettings(errors);
}

/** For commands that read or delete existing data: creates nothing, and throws if there is no installation. */
export function requireInstallation({ recording: { directory } }: Settings): void {
  if (DataDirectory.exists(directory)) return;
  throw new Error(`There is no installation in ${directory}; RECORDINGS_DIRECTORY names the folder of one.`);
}

/** Tries to write, because permissions do not tell: some file systems are read-only. */
function writeError(folder: string): string | undefined {
  try {
    createDirectory(folder);
    rmdirSync(mkdtempSync(path.join(folder, '.offhook-')));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
