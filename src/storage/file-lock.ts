import Database from 'libsql';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { withLockFile } from './lock-file.ts';

/** The holder of the lock writes one small file. */
const WAIT_MS = 10_000;

/** By lock, whether its file system has locks; it does not change while a thread runs. */
const hasLocks = new Map<string, boolean>();

/**
 * Runs `work` under an exclusive lock on a file, across threads and processes. It is SQLite's lock, because the system
 * releases it when the process ends in any way, and Node has no such lock. A file system without locks gets a lock file.
 * Blocks while it waits, so call it in a worker thread. Throws if the lock is not available in time.
 */
export function withFileLock<T>(lock: string, work: () => T): T {
  let isLockable = hasLocks.get(lock);
  if (isLockable === undefined) {
    isLockable = lockingError(path.dirname(lock)) === undefined;
    hasLocks.set(lock, isLockable);
  }
  return isLockable ? underLock(lock, WAIT_MS, work) : withLockFile(`${lock}.held`, work);
}

/** The error with which a file system refuses to lock an unused file; undefined if it has locks. */
export function lockingError(folder: string): Error | undefined {
  const probe = path.join(folder, `lock-${randomUUID()}`);
  try {
    underLock(probe, 0, () => undefined);
    return undefined;
  } catch (error) {
    // The file could not be opened, which says nothing about locks.
    return error instanceof Database.SqliteError ? error : undefined;
  } finally {
    rmSync(probe, { force: true });
  }
}

function underLock<T>(lock: string, waitMs: number, work: () => T): T {
  const database = new Database(lock);
  try {
    database.exec(`pragma busy_timeout = ${waitMs}`);
    database.exec('begin immediate');
    try {
      return work();
    } finally {
      database.exec('rollback');
    }
  } finally {
    database.close();
  }
}
