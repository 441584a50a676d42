import { createHash } from 'node:crypto';
import type { CataloguedCall } from '../../records/call-entry.ts';
import type { CallFilter } from '../catalogue.ts';
import type { IdRange, Tx } from './dialects/sql-dialect.ts';

/**
 * A turn's id is the second in which its call started and a number within it. So an index that knows only ids can be
 * read from the latest call on, and between two dates.
 */
const IDS_A_SECOND = 2 ** 20;
/** A call's turns take blocks of ids that its name decides: calls of one second do not meet, but by chance. */
const BLOCK = 64;
const BLOCKS = IDS_A_SECOND / BLOCK;
/** Until the year 2242; ids stay whole numbers of JavaScript. */
const LAST_SECOND = 2 ** 33 - 1;

const ALL_IDS: IdRange = { from: 0, before: Number.MAX_SAFE_INTEGER };

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

/**
 * Ids for `count` more turns of a call that has had `before`; none of `taken`. Two writers may get the same: then the
 * database refuses one, which begins again.
 */
export async function freeIds(
  tx: Tx,
  call: Pick<CataloguedCall, 'callSid' | 'startedAtMs'>,
  { count, before, taken }: { count: number; before: number; taken: ReadonlySet<number> },
): Promise<number[]> {
  const free = new Set<number>();
  const first = Math.floor(before / BLOCK);
  for (let block = first; free.size < count && block < first + BLOCKS; block++) {
    const from = secondOf(call.startedAtMs) * IDS_A_SECOND + placeOf(call.callSid, block) * BLOCK;
    const last = await lastIn(tx, { from, before: from + BLOCK });
    for (let id = last === undefined ? from : last + 1; id < from + BLOCK && free.size < count; id++)
      if (!taken.has(id)) free.add(id);
  }
  if (free.size < count) throw new Error('there are too many turns of calls that began in one second');
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

function placeOf(callSid: string, block: number): number {
  return createHash('sha1').update(`${callSid}/${block}`).digest().readUInt32BE(0) % BLOCKS;
}
