import { sql } from 'kysely';
import { type Page, type PageRequest, type SearchHit, type SearchQuery } from '../catalogue.ts';
import { checkLimit, readCursor, writeCursor } from '../cursor.ts';
import { callerAddress } from '../../events/withheld-number.ts';
import { endTail, filterKey, type FilteredCall, isOfCallsOnly, passes } from '../phone-index.ts';
import { ranked, type RankKey, rankKeyOf, scoreOf } from '../ranking.ts';
import { parseSearchQuery, type SearchTerm } from '../search-query-parser.ts';
import { unescapeText } from '../text-escaping.ts';
import { indexWord } from '../words.ts';
import type { IdRange, Phrases, SqlDialect } from './dialects/sql-dialect.ts';
import { speakerIn } from './microphone-rows.ts';
import { idsOf } from './turn-ids.ts';
import { MICROPHONE_MARK, speakerMark, tailMark } from './turn-rows.ts';

/**
 * The size of a ranking window: the newest matching turns are ranked together, older ones follow in the next window. So
 * a word of every second turn costs no more than a rare one.
 */
const RANKED_TURNS = 500;
/** A page examines at most this many times `RANKED_TURNS`. A page with a `next` may hold few hits, or none. */
const WINDOWS_A_PAGE = 20;

/** The position of a page: the ranking window, and the last hit of the previous page. */
interface Place {
  readonly window: IdRange;
  /** Absent: the window is not open yet, and its lower bound is unknown. */
  readonly after?: RankKey;
}

/** `call`: what a filter compares. */
interface Found {
  readonly call: FilteredCall;
  readonly hit: SearchHit;
}

/** One page of turns that contain all words. */
export async function searchSqlTurns(
  dialect: SqlDialect,
  query: SearchQuery,
  page: PageRequest,
): Promise<Page<SearchHit>> {
  checkLimit(page);
  const asked = ['turns', query];
  const terms = parseSearchQuery(query.words);
  const phrases = phrasesOf(query, terms);
  const all = idsOf(query);
  const items: SearchHit[] = [];
  let place = page.cursor === undefined ? { window: all } : readPlace(asked, page.cursor);
  for (let windows = 0; windows < WINDOWS_A_PAGE && items.length < page.limit; windows++) {
    const { window, found } = await turnsIn(dialect, phrases, terms, place);
    const hits = found.filter((each) => passesAll(each, query)).map(({ hit }) => hit);
    const rest = ranked(hits, place.after);
    const taken = rest.slice(0, page.limit - items.length);
    items.push(...taken);
    const last = taken.at(-1);
    if (last && taken.length < rest.length)
      return { items, next: writtenPlace(asked, { window, after: rankKeyOf(last) }) };
    if (window.from <= all.from) return { items };
    place = { window: { from: all.from, before: window.from } };
  }
  return { items, next: writtenPlace(asked, place) };
}

function phrasesOf(query: SearchQuery, terms: SearchTerm): Phrases {
  const marks: string[] = [];
  if (query.type === 'microphone') marks.push(MICROPHONE_MARK);
  if (query.speaker !== undefined) marks.push(speakerMark(query.speaker));
  if (query.number !== undefined) marks.push(tailMark(endTail(filterKey(query.number))));
  return [...terms.map((words) => words.map(indexWord)), ...marks.map((mark) => [mark])];
}

function readPlace(asked: unknown, cursor: string): Place {
  const [from, before, score, ...rest] = readCursor(asked, cursor, 'nnNnsns') as [
    number,
    number,
    number | null,
  ];
  const window = { from, before };
  return score === null ? { window } : { window, after: [score, ...rest] as unknown as RankKey };
}

function writtenPlace(asked: unknown, { window, after }: Place): string {
  return writeCursor(asked, [window.from, window.before, ...(after ?? [null, 0, '', 0, ''])]);
}

/**
 * The turns of a window, and its lower bound. The bounds are fixed when the window is opened, so that it stays the
 * same.
 */
async function turnsIn(
  dialect: SqlDialect,
  phrases: Phrases,
  terms: SearchTerm,
  { window, after }: Place,
): Promise<{ window: IdRange; found: Found[] }> {
  // An open window holds a few more turns if a call in it continues.
  const limit = after ? 2 * RANKED_TURNS : RANKED_TURNS;
  const holds = await dialect.holds(phrases, window, limit);
  const query = dialect.db
    .selectFrom('turns')
    .leftJoin('calls', 'calls.id', 'turns.call_id')
    .leftJoin('microphones', (join) => join.on('microphones.id', '=', sql<number>`-turns.call_id`))
    .select(['turns.id', 'turn_id', 'speaker', 'start_ms', 'end_ms', 'text', 'details'])
    .select(['call_sid', 'from_address', 'to_address', 'started_at_ms', 'state', 'outcome'])
    .select(['calls.duration_ms', 'name', 'created_at_ms', 'microphones.duration_ms as recorded_ms'])
    .where(holds)
    .where('turns.id', '>=', window.from)
    .where('turns.id', '<', window.before)
    .orderBy('turns.id', 'desc')
    .limit(limit);
  const rows = await query.execute();
  const found = rows.flatMap((row): Found[] => {
    const text = unescapeText(row.text ?? '');
    const [turnId, startMs, endMs] = [unescapeText(row.turn_id), row.start_ms, row.end_ms];
    const turn = { turnId, startMs, endMs, text, score: scoreOf(text, terms) };
    const { name, created_at_ms, call_sid, from_address, to_address, started_at_ms, state, speaker } = row;
    if (name !== null && created_at_ms !== null) {
      const recording = {
        name: unescapeText(name),
        startedAtMs: created_at_ms,
        speaker: speakerIn(row.details),
      };
      const durationMs = row.recorded_ms ?? 0;
      const call = { from: '', to: '', startedAtMs: created_at_ms, state: 'finished' as const, durationMs };
      return [{ call, hit: { type: 'microphone', ...recording, ...turn } }];
    }
    const isCall = call_sid !== null && from_address !== null && to_address !== null && state !== null;
    if (!isCall || started_at_ms === null || speaker === 'microphone') return [];
    const from = callerAddress(unescapeText(from_address));
    const ends = { from, to: unescapeText(to_address), startedAtMs: started_at_ms };
    const [durationMs, outcome] = [row.duration_ms ?? undefined, row.outcome ?? undefined];
    const hit: SearchHit = { type: 'call', callSid: unescapeText(call_sid), ...ends, ...turn, speaker };
    return [{ call: { ...ends, state, durationMs, outcome }, hit }];
  });
  const [first, last] = [rows[0], rows.at(-1)];
  if (after || !first || !last) return { window, found };
  const from = rows.length < limit ? window.from : last.id;
  return { window: { from, before: first.id + 1 }, found };
}

/** The index may return false positives. */
function passesAll({ hit, call }: Found, query: SearchQuery): boolean {
  if (hit.score === 0 || (query.type !== undefined && hit.type !== query.type)) return false;
  if (hit.type === 'microphone') return !isOfCallsOnly(query) && passes(call, query);
  return (query.speaker === undefined || hit.speaker === query.speaker) && passes(call, query);
}
