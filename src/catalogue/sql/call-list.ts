import { type RawBuilder, sql } from 'kysely';
import type { CataloguedCall } from '../../records/call-entry.ts';
import type { CallFilter, Page, PageRequest } from '../catalogue.ts';
import { checkLimit, readCursor, writeCursor } from '../cursor.ts';
import { endTail, filterKey } from '../phone-index.ts';
import { escapeText } from '../text-escaping.ts';
import { callOf } from './call-rows.ts';
import type { Db } from './dialects/sql-dialect.ts';

type Condition = RawBuilder<boolean>;

/**
 * One page of calls, latest first. It continues after the last call of the previous page, regardless of calls that
 * arrived since.
 */
export async function listSqlCalls(
  db: Db,
  filter: CallFilter,
  page: PageRequest,
): Promise<Page<CataloguedCall>> {
  checkLimit(page);
  const asked = ['calls', filter];
  // A filter by number reads the table of ends in its index order.
  const by = filter.number === undefined ? 'calls' : 'call_ends';
  const time = sql.ref<number>(`${by}.started_at_ms`);
  const sid = sql.ref<string>(`${by}.call_sid`);
  const conditions = conditionsOf(filter, time);
  if (page.cursor !== undefined) {
    const [startedAtMs, callSid] = readCursor(asked, page.cursor, 'ns') as [number, string];
    conditions.push(isAfter(time, sid, startedAtMs, escapeText(callSid)));
  }
  const rows = await db
    .selectFrom('calls')
    .$if(by === 'call_ends', (all) => all.innerJoin('call_ends', 'call_ends.call_sid', 'calls.call_sid'))
    .selectAll('calls')
    .where((eb) => eb.and(conditions))
    .orderBy(time, 'desc')
    .orderBy(sid, 'desc')
    .limit(page.limit + 1)
    .execute();
  const items = rows.slice(0, page.limit).map(callOf);
  const last = items.at(-1);
  if (rows.length <= page.limit || !last) return { items };
  return { items, next: writeCursor(asked, [last.startedAtMs, last.callSid]) };
}

function conditionsOf(filter: CallFilter, time: RawBuilder<number>): Condition[] {
  const { number, fromMs, beforeMs, minDurationMs, maxDurationMs, outcome, state } = filter;
  const conditions = number === undefined ? [] : endConditions(filterKey(number));
  if (fromMs !== undefined) conditions.push(sql`${time} >= ${fromMs}`);
  if (beforeMs !== undefined) conditions.push(sql`${time} < ${beforeMs}`);
  if (minDurationMs !== undefined) conditions.push(sql`calls.duration_ms >= ${minDurationMs}`);
  if (maxDurationMs !== undefined) conditions.push(sql`calls.duration_ms <= ${maxDurationMs}`);
  if (outcome !== undefined) conditions.push(sql`calls.outcome = ${outcome}`);
  if (state !== undefined) conditions.push(sql`calls.state = ${state}`);
  return conditions;
}

/** The tail selects candidates, the full key decides. */
function endConditions(key: string): Condition[] {
  const whole = key.startsWith('=');
  const either: Condition = whole
    ? sql`(calls.from_key = ${key} or calls.to_key = ${key})`
    : sql`(calls.from_key like ${`${key}%`} or calls.to_key like ${`${key}%`})`;
  return [sql`call_ends.tail = ${endTail(key)}`, either];
}

/** The condition on time is repeated on its own because not every database derives an index range from an `or`. */
function isAfter(
  time: RawBuilder<number>,
  sid: RawBuilder<string>,
  startedAtMs: number,
  callSid: string,
): Condition {
  return sql`(${time} <= ${startedAtMs} and (${time} < ${startedAtMs} or ${sid} < ${callSid}))`;
}
