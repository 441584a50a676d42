import type { CallFilter } from '../recording/catalogue.ts';
import type { IdRange, Tx } from './flavour.ts';

/**
 * A turn's id is the second in which its call started and a number within it. So an index that knows only ids can be
 * read from the latest call on, and between two dates.
 */
const IDS_A_SECOND = 2 ** 20;
/** Until the year 2242; ids stay whole numbers of JavaScript. */
const LAST_SECOND = 2 ** 33 - 1;

export const ALL_IDS: IdRange = { from: 0, before: Number.MAX_SAFE_INTEGER };

export function secondOf(startedAtMs: number): number {
  return Math.min(LAST_SECOND, Math.max(0, Math.floor(startedAtMs / 1_000)));
}

/** The ids of all calls that a filter's dates leave, and a few more. */
export function idsOf({ fromMs, beforeMs }: CallFilter): IdRange {
  return {
    from: fromMs === undefined ? ALL_IDS.from : secondOf(fromMs) * IDS_A_SECOND,
    before: beforeMs === undefined ? ALL_IDS.before : (secondOf(beforeMs) + 1) * IDS_A_SECOND,
  };
}

/** The first of the ids that are free for turns of a call. Two writers may get the same: the database refuses one. */
export async function firstFreeId(tx: Tx, startedAtMs: number): Promise<number> {
  const from = secondOf(startedAtMs) * IDS_A_SECOND;
  const row = await tx
    .selectFrom('turns')
    .select(({ fn }) => fn.max('id').as('last'))
    .where('id', '>=', from)
    .where('id', '<', from + IDS_A_SECOND)
    .executeTakeFirst();
  const last = row?.last;
  return last === null || last === undefined ? from : Number(last) + 1;
}
