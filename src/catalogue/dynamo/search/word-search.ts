import type { CataloguedCall } from '../../../records/call-entry.ts';
import type { Page, PageRequest, SearchHit, SearchQuery } from '../../catalogue.ts';
import { checkLimit, readCursor, writeCursor } from '../../cursor.ts';
import { recordingOfKey } from '../../microphone-entry.ts';
import { isOfCallsOnly, passes } from '../../phone-index.ts';
import { ranked, type RankKey, rankKeyOf, scoreOf } from '../../ranking.ts';
import { parseSearchQuery, type SearchTerm } from '../../search-query-parser.ts';
import { callsOf, belongsToCall, headOf } from '../call-head.ts';
import { placesOf } from '../keys.ts';
import { utteranceOfTurn } from '../microphone-calls.ts';
import type { Table } from '../table.ts';
import { bodiesOf, type TurnItem } from './turn-items.ts';
import { type Candidate, type Places, WordPostings } from './word-postings.ts';

/**
 * The size of a ranking window: the newest matching turns are ranked together, with the remaining turns of their calls.
 */
const RANKED_TURNS = 500;
/** A page examines at most this many windows. A page with a `next` may hold few hits, or none. */
const WINDOWS_A_PAGE = 10;
/** A call that is rewritten during the search is read once more. */
const LOOKS = 3;

/** The position of a page: the ranking window of calls, and the last hit of the previous page. */
interface Place {
  readonly window: Places;
  /** Absent: the window is not open yet, and its lower bound is unknown. */
  readonly after?: RankKey;
}

/** One page of turns that contain all words. */
export async function searchDynamoTurns(
  table: Table,
  query: SearchQuery,
  page: PageRequest,
): Promise<Page<SearchHit>> {
  checkLimit(page);
  const asked = ['turns', query];
  const terms = parseSearchQuery(query.words);
  const postings = new WordPostings(table, terms, query);
  const all = placesOf(query);
  const items: SearchHit[] = [];
  let place: Place = page.cursor === undefined ? { window: all } : readPlace(asked, page.cursor);
  for (let windows = 0; windows < WINDOWS_A_PAGE && items.length < page.limit; windows++) {
    const { window, after } = place;
    const enough = after ? undefined : RANKED_TURNS;
    const { hits, low } = await hitsIn(table, postings, terms, query, window, enough);
    const rest = ranked(hits, after);
    const taken = rest.slice(0, page.limit - items.length);
    items.push(...taken);
    const last = taken.at(-1);
    const opened = { low, high: window.high };
    if (last && taken.length < rest.length)
      return { items, next: writtenPlace(asked, { window: opened, after: rankKeyOf(last) }) };
    if (low <= all.low) return { items };
    place = { window: { low: all.low, high: low } };
  }
  return { items, next: writtenPlace(asked, place) };
}

function readPlace(asked: unknown, cursor: string): Place {
  const [low, high, score, ...rest] = readCursor(asked, cursor, 'ssNnsns') as [string, string, number | null];
  const window = { low, high };
  return score === null ? { window } : { window, after: [score, ...rest] as unknown as RankKey };
}

function writtenPlace(asked: unknown, { window, after }: Place): string {
  return writeCursor(asked, [window.low, window.high, ...(after ?? [null, 0, '', 0, ''])]);
}

async function hitsIn(
  table: Table,
  postings: WordPostings,
  terms: SearchTerm,
  query: SearchQuery,
  window: Places,
  enough: number | undefined,
): Promise<{ hits: SearchHit[]; low: string }> {
  for (let looks = 1; ; looks++) {
    const { candidates, low } = await postings.latest(window, enough);
    const { hits, missed } = await verified(table, candidates, terms, query);
    if (!missed || looks === LOOKS) return { hits, low };
  }
}

/** Checks index matches against the turns. `missed`: a turn was replaced after the index was read. */
async function verified(
  table: Table,
  candidates: readonly Candidate[],
  terms: SearchTerm,
  query: SearchQuery,
): Promise<{ hits: SearchHit[]; missed: boolean }> {
  const heads = await callsNow(table, candidates);
  const items = await table.getMany(candidates.map(({ turn }) => turn));
  const turns = new Map((items as unknown as TurnItem[]).map((turn) => [`${turn.pk} ${turn.sk}`, turn]));
  const hits: SearchHit[] = [];
  let missed = false;
  const found = candidates.map(({ turn }) => turns.get(`${turn.pk} ${turn.sk}`));
  const bodies = (
    await bodiesOf(
      table,
      found.filter((turn) => turn !== undefined),
    )
  ).values();
  for (const [index, { call: partition, place }] of candidates.entries()) {
    const turn = found[index];
    const body = turn && bodies.next().value;
    const { head, call } = heads.get(partition) ?? {};
    if (
      !turn ||
      !body ||
      !head ||
      !call ||
      turn.old ||
      head.place !== place ||
      !belongsToCall(head, turn.seq)
    ) {
      missed ||= head !== undefined && (!turn || turn.seq < (head.replaced ?? 0));
      continue;
    }
    const hit = hitOf(call, body, terms);
    if (hit.score > 0 && isAsked(hit, query) && passes(call, query)) hits.push(hit);
  }
  return { hits, missed };
}

async function callsNow(table: Table, candidates: readonly Candidate[]) {
  const keys = [...new Set(candidates.map(({ call }) => call))].map((pk) => ({ pk, sk: 'head' }));
  const heads = (await table.getMany(keys)).map((item) => headOf(item)!);
  const calls = await callsOf(table, heads);
  return new Map(heads.map((head, index) => [head.pk, { head, call: calls[index] }]));
}

function isAsked(hit: SearchHit, query: SearchQuery): boolean {
  if (query.type !== undefined && hit.type !== query.type) return false;
  if (hit.type === 'microphone') return !isOfCallsOnly(query);
  return query.speaker === undefined || hit.speaker === query.speaker;
}

function hitOf(call: CataloguedCall, turn: TurnBody, terms: SearchTerm): SearchHit {
  const { callSid, from, to, startedAtMs } = call;
  const { id: turnId, speaker, startMs, endMs, text = '' } = turn;
  const found = { startedAtMs, turnId, startMs, endMs, text, score: scoreOf(text, terms) };
  const name = recordingOfKey(callSid);
  if (name === undefined) return { type: 'call', callSid, from, to, speaker, ...found };
  return { type: 'microphone', name, ...found, speaker: utteranceOfTurn(turn).speaker };
}

type TurnBody = NonNullable<Awaited<ReturnType<typeof bodiesOf>>[number]>;
