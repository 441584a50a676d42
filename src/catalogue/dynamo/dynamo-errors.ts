import { BadQuery } from '../catalogue.ts';
import { isNetworkError } from '../network-errors.ts';
import { NewerCatalogue } from '../newer-catalogue.ts';

/** Error names for requests that can never succeed. */
const OURS = ['ValidationException', 'SerializationException'];

/** Whether a retry would fail in the same way; all other errors are network or server failures. */
export function isClientError(error: unknown): boolean {
  if (error instanceof BadQuery || error instanceof NewerCatalogue) return true;
  if (!(error instanceof Error)) return true;
  if (OURS.includes(error.name)) return true;
  const fromService = '$metadata' in error || '$fault' in error;
  const onTheWay = /Abort|Timeout|Credentials|TimeoutError|CatalogueDown/.test(error.name);
  return !fromService && !onTheWay && !isNetworkError(error);
}
