import { BadQuery } from '../catalogue.ts';
import { isNetworkError } from '../network-errors.ts';
import { NewerCatalogue } from '../newer-catalogue.ts';

/** What the server says where a request could never be met. */
const OURS = ['ValidationException', 'SerializationException'];

/** Whether asking again would be the same mistake; all else is the way to the server, or the server. */
export function isClientError(error: unknown): boolean {
  if (error instanceof BadQuery || error instanceof NewerCatalogue) return true;
  if (!(error instanceof Error)) return true;
  if (OURS.includes(error.name)) return true;
  const fromService = '$metadata' in error || '$fault' in error;
  const onTheWay = /Abort|Timeout|Credentials|TimeoutError|CatalogueDown/.test(error.name);
  return !fromService && !onTheWay && !isNetworkError(error);
}
