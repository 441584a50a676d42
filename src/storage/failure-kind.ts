import { errorCode, errorText } from './file-system-errors.ts';

/** What the system may accept at another time: a full disk, exhausted limits, a file server that does not answer. */
const TRANSIENT_SYSTEM_CODES = new Set([
  ...['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'EAGAIN', 'EBUSY', 'ENOMEM', 'EINTR'],
  ...['ESTALE', 'ETIMEDOUT', 'ENOLCK', 'EHOSTDOWN', 'EHOSTUNREACH', 'ENOTCONN'],
  // An administrator mounts the disk again or changes the rights.
  ...['EROFS', 'EACCES', 'EPERM'],
]);
const WORKER_CODE = /^ERR_WORKER_/u;
/** The lock of SQLite: busy, an I/O error, no permission, a full disk. */
const DATABASE_CODE = /^SQLITE_(?:BUSY|IOERR|PERM|FULL|PROTOCOL|CANTOPEN|READONLY)/u;

/**
 * Whether an error comes from the environment (disk, system limits, worker threads) and can pass by itself. Everything
 * else is permanent: a programming error, an impossible setting or path, a corrupt journal. `code` and `name` decide, because
 * errors cross threads as copies.
 */
export function isTransient(error: unknown): boolean {
  const code = errorCode(error);
  if (code === undefined) return false;
  return WORKER_CODE.test(code) || DATABASE_CODE.test(code) || TRANSIENT_SYSTEM_CODES.has(code);
}

/** An error of the disk that the system did not report as one, such as a short write. */
export class DiskError extends Error {
  override readonly name = 'DiskError';
  readonly code = 'EIO';
}

/** The deepest cause of an error, as one line for people. */
export function rootCause(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  if ('cause' in error && error.cause !== undefined) return rootCause(error.cause);
  const name = 'name' in error && typeof error.name === 'string' ? error.name : 'Error';
  return `${name}: ${errorText(error)}`;
}
