import { createHash } from 'node:crypto';
import type { CallFilter } from '../catalogue.ts';
import type { IdRange, Tx } from './dialects/sql-dialect.ts';

/**
 * A turn's id is the second in which its call started, followed by a number within that second. So an index that
 * contains only ids can be read latest call first, and within a range of dates.
 */
const IDS_A_SECOND = 2 ** 20;
/** A call's name determines its block of ids: calls of the same second collide only by chance. */
const BLOCK = 64;
const BLOCKS = IDS_A_SECOND / BLOCK;
/** Sufficient until the year 2242; ids stay safe integers. */
const LAST_SECOND = 2 ** 33 - 1;

const ALL_IDS: IdRange = { from: 0, before: Number.MAX_SAFE_INTEGER };

export function secondOf(startedAtMs: number): number {
  return Math.min(LAST_SECOND, Math.max(0, Math.floor(startedAtMs / 1_000)));
}

/** The range of ids that covers a filter's dates; it may include a few more. */
export function idsOf({ fromMs, beforeMs }: CallFilter): IdRange {
  return {
    from: fromMs === undefined ? ALL_IDS.from : secondOf(fromMs) * IDS_A_SECOND,
    before: beforeMs === undefined ? ALL_IDS.before : (secondOf(beforeMs) + 1) * IDS_A_SECOND,
  };
}

/**
 * Allocates ids for `count` more turns of an owner that has `before`, excluding `taken`. If two writers allocate the same
 * ids, the database rejects one, which retries.
 */
export async function freeIds(
  tx: Tx,
  owner: { readonly key: string; readonly startedAtMs: number },
  { count, before, taken }: { count: number; before: number; taken: ReadonlySet<number> },
): Promise<number[]> {
  const free = new Set<number>();
  const first = Math.floor(before / BLOCK);
  for (let block = first; free.size < count && block < first + BLOCKS; block++) {
    const from = secondOf(owner.startedAtMs) * IDS_A_SECOND + placeOf(owner.key, block) * BLOCK;
    const last = await lastIn(tx, { from, before: from + BLOCK });
    for (let id = last === undefined ? from : last + 1; id < from + BLOCK && free.size < count; id++)
      if (!taken.has(id)) free.add(id);
  }
  if (free.size < count) throw new Error('too many turns of calls that began within one second');
  return [...free];
}

async function lastIn(tx: Tx, { from, before }: IdRange): Promise<number | undefined> {
  const row = await tx
    .selectFrom('turns')
    .select(({ fn }) => fn.max('id').as('last'))
    .where('id', '>=', from)
    .where('id', '<', before)
    .executeTakeFirst();
  return row?.last === null || row?.last === undefined ? undefined : Number(row.last);
}

function placeOf(key: string, block: number): number {
  return createHash('sha1').update(`${key}/${block}`).digest().readUInt32BE(0) % BLOCKS;
}
