import { createHash } from 'node:crypto';
import { isWithheld, WITHHELD } from '../events/withheld-number.ts';
import { type CataloguedCall } from '../records/call-entry.ts';
import { BadQuery, type CallFilter } from './catalogue.ts';
import { digitsOf } from './phone-address.ts';
import { escapeText } from './text-escaping.ts';

/** The minimum number of trailing digits in a search for a number. */
const FEWEST_DIGITS = 4;
const LONGEST_KEY = 100;

/**
 * The comparison key of one end of a call: the digits of a number in reverse, so that a suffix search becomes a prefix
 * search; any other address in lower case, one key for all withheld numbers.
 */
export function endKey(address: string): string {
  if (isWithheld(address)) return `=${WITHHELD}`;
  const digits = digitsOf(address) ?? (/\p{L}/u.test(address) ? '' : address.replace(/\D/g, ''));
  if (digits.length >= FEWEST_DIGITS) return [...digits].reverse().join('').slice(0, LONGEST_KEY);
  const key = escapeText(`=${address.trim().toLowerCase()}`);
  return key.length <= LONGEST_KEY ? key : `=${digest(key)}`;
}

/** The index key of one end of a call: the last four digits, or a digest of the address. */
export function endTail(key: string): string {
  return key.startsWith('=') ? `a${digest(key).slice(0, 16)}` : `n${key.slice(0, FEWEST_DIGITS)}`;
}

/** The distinct tails of a call, one or two. */
export function tailsOf(call: Pick<CataloguedCall, 'from' | 'to'>): string[] {
  return [...new Set([call.from, call.to].map((address) => endTail(endKey(address))))];
}

/** The key for a filter. Throws `BadQuery` if the filter has too few digits. */
export function filterKey(number: string): string {
  const key = endKey(number);
  if (key.startsWith('=') && !/\p{L}/u.test(key))
    throw new BadQuery(
      `A number needs at least its last ${FEWEST_DIGITS} digits; any other address all of it.`,
    );
  return key;
}

/** Whether a filter is for properties that only calls have. */
export function isOfCallsOnly({
  number,
  outcome,
  state,
  speaker,
}: CallFilter & { speaker?: unknown }): boolean {
  return [number, outcome, state, speaker].some((value) => value !== undefined);
}

/** What a filter compares. */
export interface FilteredCall extends Pick<CataloguedCall, 'from' | 'to' | 'startedAtMs' | 'state'> {
  readonly durationMs?: CataloguedCall['durationMs'] | undefined;
  readonly outcome?: CataloguedCall['outcome'] | undefined;
}

/** Whether the call matches the filter. */
export function passes(call: FilteredCall, filter: CallFilter): boolean {
  const { fromMs, beforeMs, minDurationMs, maxDurationMs, outcome, state, number } = filter;
  if (fromMs !== undefined && call.startedAtMs < fromMs) return false;
  if (beforeMs !== undefined && call.startedAtMs >= beforeMs) return false;
  if (minDurationMs !== undefined && !(call.durationMs !== undefined && call.durationMs >= minDurationMs))
    return false;
  if (maxDurationMs !== undefined && !(call.durationMs !== undefined && call.durationMs <= maxDurationMs))
    return false;
  if (outcome !== undefined && call.outcome !== outcome) return false;
  if (state !== undefined && call.state !== state) return false;
  return number === undefined || hasEnd(call, filterKey(number));
}

function hasEnd(call: Pick<CataloguedCall, 'from' | 'to'>, filter: string): boolean {
  const keys = [endKey(call.from), endKey(call.to)];
  return keys.some((key) => (filter.startsWith('=') ? key === filter : key.startsWith(filter)));
}

function digest(text: string): string {
  return createHash('sha256').update(text, 'utf16le').digest('hex').slice(0, 40);
}
