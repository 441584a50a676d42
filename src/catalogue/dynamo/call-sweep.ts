import { basesOf, counts, type Head } from './call-head.ts';
import { inParallel } from './in-parallel.ts';
import { currentItems, postingKeys, type TurnItem } from './search/turn-items.ts';
import type { Item, Key, Table } from './table.ts';

const MARKS_AT_ONCE = 8;

/**
 * Removes what belongs to a call and counts no more: what later writes replaced, and what a write left that broke off.
 * Index items go before the turns that tell of them, so that this may break off, too.
 */
export async function sweep(table: Table, head: Head, keep: () => Promise<void>): Promise<void> {
  const items = await table.all({ pk: head.pk, low: 'part#', high: 'turn~' });
  const turns = items.filter((item) => item.sk.startsWith('turn#')) as unknown as TurnItem[];
  const dead = turns.filter((turn) => !counts(head, turn.seq));
  await table.delete(await postingKeys(table, dead), keep);
  const alive = new Set([
    ...turns.filter((turn) => counts(head, turn.seq)).flatMap(({ body }) => body.base ?? []),
    ...basesOf(head),
  ]);
  const parts = items.filter((item) => item.sk.startsWith('part#') && !alive.has(baseOf(item)));
  await table.delete([...dead, ...parts], keep);
  const current = new Set(currentItems(head, items));
  const old = turns.filter((turn) => counts(head, turn.seq) && !current.has(turn) && !turn.old);
  await markOld(table, old);
}

/**
 * Says of turns that later ones have taken their place. They go when all turns are replaced: until then they tell what
 * index items there are.
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
  keep: () => Promise<void>,
): Promise<void> {
  await table.delete(entries.map(listKey), keep);
}

/** An entry in a list is remembered as its key in one text. */
export function listKey(entry: string): Key {
  const [pk = '', sk = ''] = entry.split(' ');
  return { pk, sk };
}

function baseOf({ sk }: Item): string {
  return sk.slice('part#'.length, sk.lastIndexOf('#'));
}
