import { randomUUID } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, linkSync, openSync, rmSync, statfsSync, statSync } from 'node:fs';
import path from 'node:path';
import { lockingError } from './file-lock.ts';
import { errorCode, isFull } from './file-system-errors.ts';

/** Operations that some file systems do not have. */
export type FileSystemOperation = 'directory-sync' | 'hard-links' | 'local-disk' | 'locks' | 'permissions';

/** An operation that a directory's file system does not have, with the system's own reason. */
export interface MissingOperation {
  readonly operation: FileSystemOperation;
  readonly reason: string;
}

/** `statfs` types of file systems on other machines. */
const NETWORK_FILE_SYSTEMS = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB 2'],
  [0x01021997, '9p'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
]);

/** Tries the operations in a directory. Leaves no files; throws if it cannot be written to. */
export function probeFileSystem(folder: string): MissingOperation[] {
  const probe = path.join(folder, `probe-${randomUUID()}`);
  closeSync(openSync(probe, 'wx', 0o600));
  try {
    const attempts: Readonly<Record<FileSystemOperation, () => void>> = {
      'directory-sync': () => syncFolder(folder),
      'hard-links': () => linkOnce(probe),
      'local-disk': () => requireLocal(folder),
      locks: () => requireLocks(folder),
      permissions: () => requirePermissions(probe),
    };
    return Object.entries(attempts).flatMap(([operation, attempt]) => {
      const reason = failureOf(attempt);
      return reason === undefined ? [] : [{ operation: operation as FileSystemOperation, reason }];
    });
  } finally {
    rmSync(probe, { force: true });
  }
}

/** Undefined if an attempt succeeds, or if a full disk is why it does not. */
function failureOf(attempt: () => void): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (isFull(error)) return undefined;
    return errorCode(error) ?? (error as Error).message;
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function linkOnce(file: string): void {
  linkSync(file, `${file}-link`);
  rmSync(`${file}-link`, { force: true });
}

function requireLocal(folder: string): void {
  const name = NETWORK_FILE_SYSTEMS.get(statfsSync(folder).type);
  if (name !== undefined) throw new Error(name);
}

function requireLocks(folder: string): void {
  const error = lockingError(folder);
  if (error) throw error;
}

function requirePermissions(file: string): void {
  chmodSync(file, 0o600);
  const mode = statSync(file).mode & 0o777;
  if (mode !== 0o600) throw new Error(`mode ${mode.toString(8)}`);
}
