import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { errorCode } from './file-system-errors.ts';

const LOOK_EVERY_MS = 20;
/** The holder writes one small file. A lock of one holder for this long is that of a killed process. */
const STALE_AFTER_MS = 10_000;
const WAIT_MS = 30_000;

/** When a lock file counts as left by a killed process, and how long to wait for it. */
export interface LockFileWaits {
  readonly staleAfterMs: number;
  readonly waitMs: number;
}

/**
 * A lock for file systems without locks: a file that is created exclusively. Unlike a lock of the system, it outlives a
 * killed process and is then removed after ten seconds. Blocks while it waits. Throws if it is not available in time.
 */
export function withLockFile<T>(
  file: string,
  work: () => T,
  { staleAfterMs, waitMs }: LockFileWaits = { staleAfterMs: STALE_AFTER_MS, waitMs: WAIT_MS },
): T {
  const mine = randomUUID();
  const startedAtMs = performance.now();
  let holder: string | undefined;
  let sinceMs = startedAtMs;
  while (!create(file, mine)) {
    const atMs = performance.now();
    const found = read(file);
    if (found !== holder) [holder, sinceMs] = [found, atMs];
    else if (atMs - sinceMs > staleAfterMs) rmSync(file, { force: true });
    if (atMs - startedAtMs > waitMs)
      throw Object.assign(new Error(`${file} is held by another process`), { code: 'EBUSY' });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_EVERY_MS);
  }
  try {
    return work();
  } finally {
    if (read(file) === mine) rmSync(file, { force: true });
  }
}

/** False if the file exists. */
function create(file: string, content: string): boolean {
  let handle: number;
  try {
    handle = openSync(file, 'wx');
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    writeSync(handle, content);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(handle);
  }
  return true;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
