import Database from 'libsql';

/** The holder of the lock writes one small file. */
const WAIT_MS = 10_000;

/**
 * Runs `work` while no other thread or process does so with the same lock file. It is SQLite's lock on a file: the system
 * lets go of it with the process, however that ends, and Node itself has no lock of which that is true. Blocks while it
 * waits, so it belongs into a worker; throws where the lock cannot be had in good time.
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
