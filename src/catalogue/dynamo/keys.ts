import { createHash } from 'node:crypto';
import type { CataloguedCall } from '../../records/call-entry.ts';
import type { CallFilter } from '../catalogue.ts';
import { recordingOfKey } from '../microphone-entry.ts';
import { tailsOf } from '../phone-index.ts';
import { escapeText } from '../text-escaping.ts';

/** Sort before and after every time. */
export const FIRST = '0';
export const LAST = '~';
const LONGEST_NAME = 250;
const TIME_DIGITS = 19;

/** A name as part of a key: without `#`, which separates key parts, and truncated to the allowed length. */
export function nameKey(name: string): string {
  const key = encodeURIComponent(escapeText(name));
  if (key.length <= LONGEST_NAME) return key;
  return `=${createHash('sha256').update(name, 'utf16le').digest('hex')}`;
}

/** Epoch milliseconds as text that sorts like the numbers. */
export function timeKey(atMs: number): string {
  return Math.max(0, atMs).toFixed(3).padStart(TIME_DIGITS, '0');
}

/** The partition of all items of one call. */
export function callPartition(sidKey: string): string {
  return `call#${sidKey}`;
}

/** A call's sort position among all calls. Every key that is read by time starts with it. */
export function placeKey({ startedAtMs, callSid }: Pick<CataloguedCall, 'startedAtMs' | 'callSid'>): string {
  return `${timeKey(startedAtMs)}#${nameKey(callSid)}`;
}

/** The range of positions that covers a filter's dates; it may include one more. */
export function placesOf({ fromMs, beforeMs }: CallFilter): { low: string; high: string } {
  return {
    low: fromMs === undefined ? FIRST : timeKey(fromMs),
    high: beforeMs === undefined ? LAST : `${timeKey(beforeMs)}${LAST}`,
  };
}

export const ALL_CALLS = 'calls';
export const MICROPHONE_LIST = 'microphone-recordings';
/** Stands for the ends of a call in index items of microphone recordings. */
export const MICROPHONE_ENDS = 'microphone';

export function endList(tail: string): string {
  return `calls#end#${tail}`;
}

export function outcomeList(outcome: NonNullable<CataloguedCall['outcome']>): string {
  return `calls#outcome#${outcome}`;
}

export function stateList(state: CataloguedCall['state']): string {
  return `calls#state#${state}`;
}

/**
 * The lists that contain a call. A filter for finished calls matches nearly all calls, so they have no list of their
 * own. One partition accepts a thousand writes a second, and a call costs a list two or three writes: far more calls
 * than one number has.
 */
export function listsOf(
  call: Pick<CataloguedCall, 'callSid' | 'from' | 'to' | 'outcome' | 'state'>,
): string[] {
  if (recordingOfKey(call.callSid) !== undefined) return [MICROPHONE_LIST];
  return [
    ALL_CALLS,
    ...tailsOf(call).map(endList),
    ...(call.outcome === undefined ? [] : [outcomeList(call.outcome)]),
    ...(call.state === 'finished' ? [] : [stateList(call.state)]),
  ];
}

/** What index items can be filtered by. */
export function indexMarksOf(call: Pick<CataloguedCall, 'callSid' | 'from' | 'to'>): string[] {
  return recordingOfKey(call.callSid) === undefined ? tailsOf(call) : [MICROPHONE_ENDS];
}

export function wordPartition(indexedWord: string): string {
  return `word#${indexedWord}`;
}
