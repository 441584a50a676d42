import { errorText } from '../../storage/file-system-errors.ts';

/** The innermost cause of a failed request as one line: `fetch failed` says nothing. */
export function requestFailure(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return requestFailure(error.errors[0]);
  if (error instanceof Error && error.cause instanceof Error) return requestFailure(error.cause);
  if (error instanceof Error && error.name === 'TimeoutError') return 'no answer in time';
  return errorText(error);
}
