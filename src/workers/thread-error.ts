import { errorCode, errorText } from '../storage/file-system-errors.ts';

const DEEPEST_CAUSE = 4;

/** An error as plain data. Structured cloning of an `Error` loses its `code`, and its `name` unless it is a standard one. */
export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly code?: string | undefined;
  readonly stack?: string | undefined;
  readonly cause?: ErrorRecord | undefined;
}

export function errorRecord(error: unknown, depth = 0): ErrorRecord {
  if (!(error instanceof Error)) return { name: 'Error', message: errorText(error), code: errorCode(error) };
  const { name, message, stack, cause } = error;
  const code = errorCode(error);
  const hasCause = cause !== undefined && depth < DEEPEST_CAUSE;
  return { name, message, code, stack, cause: hasCause ? errorRecord(cause, depth + 1) : undefined };
}

/** The error that a record describes, with its `name`, `code` and causes. */
export function errorFrom({ name, message, code, stack, cause }: ErrorRecord): Error {
  const error = new Error(message, cause && { cause: errorFrom(cause) });
  return Object.assign(error, { name, stack }, code === undefined ? undefined : { code });
}

/** The thread pool could not run a task at all. */
export class WorkerUnavailable extends Error {
  override readonly name = 'WorkerUnavailable';
  readonly code = 'ERR_WORKER_UNAVAILABLE';
}
