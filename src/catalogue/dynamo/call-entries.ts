import type { CallFilter } from '../catalogue.ts';
import { endKey, endTail, filterKey } from '../phone-index.ts';
import type { UnannotatedCall } from '../../records/call-entry.ts';
import { listKey } from './call-sweep.ts';
import { ALL_CALLS, endList, outcomeList, stateList } from './keys.ts';
import type { Item } from './table.ts';

/** A call's entry in a list, with the attributes that the server can filter by. */
export function entryItem(entry: string, call: UnannotatedCall): Item {
  const { state, outcome, durationMs } = call;
  return {
    ...listKey(entry),
    fromEnd: endKey(call.from),
    toEnd: endKey(call.to),
    state,
    outcome,
    durationMs,
  };
}

/** The shortest list that contains all calls matching a filter. */
export function listFor({ number, state, outcome }: CallFilter): string {
  if (number !== undefined) return endList(endTail(filterKey(number)));
  if (state !== undefined && state !== 'finished') return stateList(state);
  return outcome === undefined ? ALL_CALLS : outcomeList(outcome);
}

/** The part of a filter that the server evaluates while it reads a list; undefined if there is none. */
export function entryFilter(
  filter: CallFilter,
): { filter: string; values: Readonly<Record<string, unknown>> } | undefined {
  const { number, state, outcome, minDurationMs, maxDurationMs } = filter;
  const terms: string[] = [];
  const values: Record<string, unknown> = {};
  const term = (text: string, name: string, value: unknown): void => {
    if (value === undefined) return;
    terms.push(text);
    values[name] = value;
  };
  const end = number === undefined ? undefined : filterKey(number);
  term(
    end?.startsWith('=')
      ? '(#fromEnd = :end OR #toEnd = :end)'
      : '(begins_with(#fromEnd, :end) OR begins_with(#toEnd, :end))',
    ...(['end', end] as const),
  );
  term('#state = :state', 'state', state);
  term('#outcome = :outcome', 'outcome', outcome);
  term('#durationMs >= :min', 'min', minDurationMs);
  term('#durationMs <= :max', 'max', maxDurationMs);
  return terms.length === 0 ? undefined : { filter: terms.join(' AND '), values };
}
