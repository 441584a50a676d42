import type { CataloguedCall } from '../../records/call-entry.ts';
import type { CallFilter, Page, PageRequest } from '../catalogue.ts';
import { checkLimit, readCursor, writeCursor } from '../cursor.ts';
import { passes } from '../phone-index.ts';
import { entryFilter, listFor } from './call-entries.ts';
import { callsOf, headKey, headOf } from './call-head.ts';
import { placeKey, placesOf } from './keys.ts';
import type { Item, Table } from './table.ts';

/** Entries per request. */
const FEWEST_AT_ONCE = 50;
const MOST_AT_ONCE = 1_000;
/** A page examines at most about this many entries. A page with a `next` may hold few calls, or none. */
const ENTRIES_A_PAGE = 50_000;

/** One page of calls, latest first, from the one list that contains them all. */
export function listDynamoCalls(
  table: Table,
  filter: CallFilter,
  page: PageRequest,
): Promise<Page<CataloguedCall>> {
  return listDynamoEntries(table, { pk: listFor(filter), asked: ['calls', filter] }, filter, page);
}

/** One page of a list, latest first. `asked`: what identifies the list in cursors. */
export async function listDynamoEntries(
  table: Table,
  { pk, asked }: { readonly pk: string; readonly asked: unknown },
  filter: CallFilter,
  page: PageRequest,
): Promise<Page<CataloguedCall>> {
  checkLimit(page);
  let after = page.cursor === undefined ? undefined : (readCursor(asked, page.cursor, 's')[0] as string);
  const range = { pk, ...placesOf(filter), latestFirst: true, ...entryFilter(filter) };
  const items: CataloguedCall[] = [];
  let limit = Math.max(FEWEST_AT_ONCE, page.limit + 1);
  for (let seen = 0; seen < ENTRIES_A_PAGE;) {
    const found = await table.page({ ...range, limit, after });
    for (const call of await trueCalls(table, found.items, filter)) {
      const last = items.at(-1);
      if (last && items.length === page.limit) return { items, next: writeCursor(asked, [placeKey(last)]) };
      items.push(call);
    }
    if (found.last === undefined) return { items };
    after = found.last;
    seen += found.scanned;
    // The fewer entries match, the more are read at once.
    limit = Math.min(MOST_AT_ONCE, 2 * limit);
  }
  return { items, next: writeCursor(asked, [after!]) };
}

/** The calls of these entries. An entry is only a hint: it may be left over, or written ahead of its call. */
async function trueCalls(
  table: Table,
  entries: readonly Item[],
  filter: CallFilter,
): Promise<CataloguedCall[]> {
  const keys = entries.map(({ sk }) => headKey(sk.slice(sk.indexOf('#') + 1)));
  const heads = new Map((await table.getMany(keys)).map((item) => [item.pk, headOf(item)!]));
  const own = keys.map(({ pk }) => heads.get(pk));
  const calls = await callsOf(
    table,
    own.map((head, index) => (head?.place === entries[index]!.sk ? head : undefined)),
  );
  return calls.filter((call) => call !== undefined).filter((call) => passes(call, filter));
}
