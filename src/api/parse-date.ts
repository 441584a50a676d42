/** The accepted formats of `parseDate`, as the end of "must be". */
export const DATE_FORMATS = 'a date or a time as in 2026-07-13 or 2026-07-13T10:30:00Z';

const WRITTEN = /^(\d{4})-(\d\d)-(\d\d)(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** Epoch milliseconds of an ISO 8601 date or time; a date means midnight UTC. Undefined if it is invalid. */
export function parseDate(text: string): number | undefined {
  const [, year, month, day] = WRITTEN.exec(text) ?? [];
  // `Date.parse` turns 30 February into 2 March.
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (date.getUTCMonth() + 1 !== Number(month)) return undefined;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : atMs;
}
