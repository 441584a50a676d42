/** These say that our own request to the system was wrong: it fails the same way every time. */
const PERMANENT_SYSTEM_CODES = new Set(['EINVAL', 'EBADF', 'EFAULT']);
/** `ENOSPC`, `EIO`, `EMFILE` and so on; Node's own codes begin with `ERR_`. */
const SYSTEM_CODE = /^E[A-Z0-9]+$/u;
const WORKER_CODE = /^ERR_WORKER_/u;

/**
 * Whether an error comes from the environment (disk, system limits, worker threads) and can pass by itself. Everything
 * else is permanent: a programming error, an impossible setting, a corrupt journal. `code` and `name` decide, because
 * errors cross threads as copies.
 */
export function isTransient(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'string') return false;
  return WORKER_CODE.test(code) || (SYSTEM_CODE.test(code) && !PERMANENT_SYSTEM_CODES.has(code));
}

/** An error of the disk that the system did not report as one, such as a short write. */
export class DiskError extends Error {
  override readonly name = 'DiskError';
  readonly code = 'EIO';
}

/** The deepest cause of an error, as one line for people. */
export function rootCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? `${error.name}: ${error.message}` : rootCause(error.cause);
}
