/** The codes with which file systems refuse an operation that they do not have, or not for this user. */
const UNSUPPORTED = new Set([
  'EACCES',
  'EBADF',
  'EINVAL',
  'EISDIR',
  'EMLINK',
  'ENOSYS',
  'ENOTSUP',
  'EOPNOTSUPP',
  'EPERM',
  'EXDEV',
]);
const FULL = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL']);

/** Whether a file system does not have an operation: hard links, syncing a directory, permissions. */
export function isUnsupported(error: unknown): boolean {
  return UNSUPPORTED.has(errorCode(error) ?? '');
}

/** Whether there is no space left. */
export function isFull(error: unknown): boolean {
  return FULL.has(errorCode(error) ?? '');
}

/** Whether the file system takes no writes at all, as after an error of the disk. */
export function isReadOnly(error: unknown): boolean {
  return errorCode(error) === 'EROFS';
}

/** The code of an error, also of one that is no instance of this thread's `Error`. */
export function errorCode(error: unknown): string | undefined {
  const isObject = typeof error === 'object' && error !== null;
  return isObject && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** The code and message of an error, as one line for people. */
export function errorText(error: unknown): string {
  const hasMessage = typeof error === 'object' && error !== null && 'message' in error;
  const message = hasMessage ? String(error.message) : String(error);
  const code = errorCode(error);
  return code === undefined || message.includes(code) ? message : `${code}: ${message}`;
}
