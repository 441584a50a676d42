import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { syncDirectory } from '../../storage/durable-file.ts';
import { errorCode, errorText } from '../../storage/file-system-errors.ts';
import { withValues } from './env-text.ts';

/** It holds keys: only its owner reads it. */
const MODE = 0o600;

/** Why a settings file cannot be written; undefined if it can. Changes nothing. */
export function unwritableReason(file: string): string | undefined {
  try {
    const target = realTarget(file);
    const found = statSync(target, { throwIfNoEntry: false });
    if (found && !found.isFile()) return `${file} is not a file`;
    if (found) accessSync(target, constants.R_OK | constants.W_OK);
    // A file is replaced by a rename, which needs the directory.
    accessSync(path.dirname(target), constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return `${file} cannot be written (${errorText(error)})`;
  }
}

/**
 * Changes values of a settings file, mode 0600. The file is either complete or unchanged: written under another name in
 * its directory, synced, renamed. Owner and links are kept. Throws if the disk refuses.
 */
export function writeEnvFile(file: string, changes: ReadonlyMap<string, string>): void {
  const target = realTarget(file);
  const found = statSync(target, { throwIfNoEntry: false });
  const text = withValues(found ? decoded(readFileSync(target)) : '', changes);
  const unfinished = `${target}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = openSync(unfinished, 'wx', MODE);
    try {
      // Root writes it for the service's user.
      if (found && found.uid !== process.geteuid?.()) fchownSync(handle, found.uid, found.gid);
      fchmodSync(handle, MODE);
      writeFileSync(handle, text, 'utf8');
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(unfinished, target);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
  syncDirectory(path.dirname(target));
}

function realTarget(file: string): string {
  try {
    return realpathSync(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return file;
    throw error;
  }
}

/** PowerShell writes UTF-16; the result is UTF-8, which every reader takes. */
function decoded(bytes: Uint8Array): string {
  const isLittle = bytes[0] === 0xff && bytes[1] === 0xfe;
  const isBig = bytes[0] === 0xfe && bytes[1] === 0xff;
  return new TextDecoder(isLittle ? 'utf-16le' : isBig ? 'utf-16be' : 'utf-8').decode(bytes);
}
