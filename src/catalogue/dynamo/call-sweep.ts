import { separateTextKeys, belongsToCall, type Head } from './call-head.ts';
import { inParallel } from './in-parallel.ts';
import { currentItems, postingKeys, type TurnItem } from './search/turn-items.ts';
import type { Item, Key, Table } from './table.ts';

const MARKS_AT_ONCE = 8;

/**
 * Removes invalid items of a call: those replaced by later writes, and those of interrupted writes. Index items are
 * removed before the turns that list them, so that an interrupted sweep can be resumed.
 */
export async function sweep(table: Table, head: Head, renew: () => Promise<void>): Promise<void> {
  const items = await table.all({ pk: head.pk, low: 'part#', high: 'turn~' });
  const turns = items.filter((item) => item.sk.startsWith('turn#')) as unknown as TurnItem[];
  const dead = turns.filter((turn) => !belongsToCall(head, turn.seq));
  await table.delete(await postingKeys(table, dead), renew);
  const alive = new Set([
    ...turns.filter((turn) => belongsToCall(head, turn.seq)).flatMap(({ body }) => body.base ?? []),
    ...separateTextKeys(head),
  ]);
  const parts = items.filter((item) => item.sk.startsWith('part#') && !alive.has(baseOf(item)));
  await table.delete([...dead, ...parts], renew);
  const current = new Set(currentItems(head, items));
  const old = turns.filter((turn) => belongsToCall(head, turn.seq) && !current.has(turn) && !turn.old);
  await markOld(table, old);
}

/**
 * Marks turns as superseded. They are deleted when all turns are replaced: until then they list the existing index
 * items.
 */
export async function markOld(table: Table, turns: readonly TurnItem[]): Promise<void> {
  await inParallel(turns, MARKS_AT_ONCE, ({ pk, sk }) =>
    table.change({
      key: { pk, sk },
      change: 'SET #old = :old',
      condition: 'attribute_exists(#pk)',
      values: { old: true },
    }),
  );
}

/** Removes entries from lists. */
export async function unlist(
  table: Table,
  entries: readonly string[],
  renew: () => Promise<void>,
): Promise<void> {
  await table.delete(entries.map(listKey), renew);
}

/** A list entry is recorded as its key in one text. */
export function listKey(entry: string): Key {
  const [pk = '', sk = ''] = entry.split(' ');
  return { pk, sk };
}

function baseOf({ sk }: Item): string {
  return sk.slice('part#'.length, sk.lastIndexOf('#'));
}
