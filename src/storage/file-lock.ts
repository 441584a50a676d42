import Database from 'libsql';

/** The holder of the lock writes one small file. */
const WAIT_MS = 10_000;

/**
 * Runs `work` under an exclusive lock on a file, across threads and processes. It is SQLite's lock, because the system
 * releases it when the process ends in any way, and Node has no such lock. Blocks while it waits, so call it in a worker
 * thread. Throws if the lock is not available in time.
 */
export function withFileLock<T>(lock: string, work: () => T): T {
  const database = new Database(lock);
  try {
    database.exec(`pragma busy_timeout = ${WAIT_MS}`);
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
