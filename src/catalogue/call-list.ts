import { sql } from 'kysely';
import type { CallFilter, CataloguedCall, Page, PageRequest } from '../recording/catalogue.ts';
import { endTail, wantedEnd } from './call-ends.ts';
import { callOf } from './call-rows.ts';
import { checkLimit, cursorOf, placeOf } from './cursor.ts';
import type { Db } from './flavour.ts';
import { storable } from './stored-text.ts';

/** One page of calls, latest first. It goes on after the last call that was seen, whatever came in since. */
export async function listCalls(
  db: Db,
  filter: CallFilter,
  page: PageRequest,
): Promise<Page<CataloguedCall>> {
  checkLimit(page);
  const asked = ['calls', filter];
  const end = filter.number === undefined ? undefined : wantedEnd(filter.number);
  const by = end === undefined ? 'calls' : 'call_ends';
  const [time, sid] = [sql.ref<number>(`${by}.started_at_ms`), sql.ref<string>(`${by}.call_sid`)];
  let query = db
    .selectFrom('calls')
    .$if(end !== undefined, (all) => all.innerJoin('call_ends', 'call_ends.call_sid', 'calls.call_sid'))
    .selectAll('calls');
  if (end !== undefined) {
    const columns = ['calls.from_key', 'calls.to_key'] as const;
    query = query
      .where(sql.ref('call_ends.tail'), '=', endTail(end))
      .where((eb) =>
        eb.or(columns.map((key) => (end.startsWith('=') ? eb(key, '=', end) : eb(key, 'like', `${end}%`)))),
      );
  }
  const { fromMs, beforeMs, minDurationMs, maxDurationMs, outcome, state } = filter;
  if (fromMs !== undefined) query = query.where(time, '>=', fromMs);
  if (beforeMs !== undefined) query = query.where(time, '<', beforeMs);
  if (minDurationMs !== undefined) query = query.where('calls.duration_ms', '>=', minDurationMs);
  if (maxDurationMs !== undefined) query = query.where('calls.duration_ms', '<=', maxDurationMs);
  if (outcome !== undefined) query = query.where('calls.outcome', '=', outcome);
  if (state !== undefined) query = query.where('calls.state', '=', state);
  if (page.cursor !== undefined) {
    const [startedAtMs, callSid] = placeOf(asked, page.cursor, 'ns') as [number, string];
    // The time by itself, too: not every database sees through the `or` where to begin.
    query = query
      .where(time, '<=', startedAtMs)
      .where((eb) => eb.or([eb(time, '<', startedAtMs), eb(sid, '<', storable(callSid))]));
  }
  const rows = await query
    .orderBy(time, 'desc')
    .orderBy(sid, 'desc')
    .limit(page.limit + 1)
    .execute();
  const items = rows.slice(0, page.limit).map(callOf);
  const last = items.at(-1);
  if (rows.length <= page.limit || !last) return { items };
  return { items, next: cursorOf(asked, [last.startedAtMs, last.callSid]) };
}
