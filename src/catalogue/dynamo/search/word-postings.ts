import type { Speaker } from '../../../events/speaker.ts';
import type { SearchQuery } from '../../catalogue.ts';
import { endTail, filterKey } from '../../phone-index.ts';
import type { SearchTerm } from '../../search-query-parser.ts';
import { indexWord } from '../../words.ts';
import { callPartition, LAST, MICROPHONE_ENDS, wordPartition } from '../keys.ts';
import type { Item, Key, Range, RangePage, Table } from '../table.ts';

/** Index items of one word per request. */
const POSTINGS_AT_ONCE = 200;
/** The maximum number of index items that are read for one window; it may then hold few turns, or none. */
const POSTINGS_A_WINDOW = 2_000;

const SPEAKERS: readonly Speaker[] = ['caller', 'assistant', 'operator'];

export interface Places {
  readonly low: string;
  /** Inclusive; no index item is stored at the position of a call itself. */
  readonly high: string;
}

/** A turn that contains all words according to the index. */
export interface Candidate {
  readonly call: string;
  readonly place: string;
  readonly turn: Key;
}

export interface FoundWindow {
  readonly candidates: readonly Candidate[];
  /** The position from which on the turns are complete. */
  readonly low: string;
}

/** Finds turns by the inverted index of words, latest calls first. Always returns complete calls. */
export class WordPostings {
  readonly #table: Table;
  readonly #words: readonly string[];
  readonly #speakers: readonly Speaker[];
  readonly #filter: Pick<Range, 'filter' | 'values'>;

  constructor(table: Table, phrases: SearchTerm, { speaker, number, type }: SearchQuery) {
    this.#table = table;
    this.#words = [...new Set(phrases.flat().map(indexWord))].map(wordPartition);
    this.#speakers = speaker === undefined ? SPEAKERS : [speaker];
    const terms: string[] = [];
    const values: Record<string, unknown> = {};
    if (speaker !== undefined) terms.push(`attribute_exists(#${speaker})`);
    if (number !== undefined) {
      terms.push('contains(#ends, :end)');
      values['end'] = endTail(filterKey(number));
    }
    if (type === 'microphone') {
      terms.push('#ends = :microphone');
      values['microphone'] = MICROPHONE_ENDS;
    }
    this.#filter = { filter: terms.length > 0 ? terms.join(' AND ') : undefined, values };
  }

  /** Returns at least `enough` turns, unless there are no more or the read limit is reached. Without `enough`: all. */
  async latest(places: Places, enough?: number): Promise<FoundWindow> {
    const firsts = await Promise.all(this.#words.map((pk) => this.#page(pk, places)));
    const rarest = firsts.reduce((best, page, index) => (narrower(page, firsts[best]!) ? index : best), 0);
    const [pk, others] = [this.#words[rarest]!, this.#words.filter((_, index) => index !== rarest)];
    const candidates: Candidate[] = [];
    let page = firsts[rarest]!;
    for (let seen = 0; ;) {
      candidates.push(...(await this.#inAll(page.items, others)));
      seen += page.scanned;
      const after = page.last;
      if (after === undefined) return { candidates, low: places.low };
      if (enough !== undefined && (candidates.length >= enough || seen >= POSTINGS_A_WINDOW)) {
        const low = callOfPosting(after);
        candidates.push(...(await this.#rest(pk, low, after, others)));
        return { candidates, low };
      }
      page = await this.#page(pk, places, after);
    }
  }

  /** The rest of the call at which a page ended. */
  async #rest(pk: string, call: string, after: string, others: readonly string[]): Promise<Candidate[]> {
    const range = { pk, low: `${call}#`, high: `${call}#${LAST}`, latestFirst: true, after };
    return this.#inAll(await this.#table.all({ ...range, ...this.#filter }), others);
  }

  #page(pk: string, places: Places, after?: string): Promise<RangePage> {
    return this.#table.page({
      pk,
      ...places,
      latestFirst: true,
      limit: POSTINGS_AT_ONCE,
      ...this.#filter,
      after,
    });
  }

  /** Of the turns that one word's index items list, those that all words' index items list. */
  async #inAll(postings: readonly Item[], others: readonly string[]): Promise<Candidate[]> {
    let left = new Map(postings.map((posting) => [posting.sk, turnsIn(posting, this.#speakers)]));
    for (const pk of others) {
      const keys = [...left.keys()].map((sk) => ({ pk, sk }));
      const found = new Map<string, string[]>();
      for (const posting of await this.#table.getMany(keys)) {
        const here = new Set(turnsIn(posting, this.#speakers));
        const both = left.get(posting.sk)!.filter((turn) => here.has(turn));
        if (both.length > 0) found.set(posting.sk, both);
      }
      left = found;
    }
    return [...left].flatMap(([sk, turns]) => turns.map((turn) => candidateOf(sk, turn)));
  }
}

/** Whether `one` has fewer items to read than `other`: its page reaches further back or has fewer entries. */
function narrower(one: RangePage, other: RangePage): boolean {
  const [reach, otherReach] = [one.last ?? '', other.last ?? ''];
  return reach < otherReach || (reach === otherReach && one.items.length < other.items.length);
}

function turnsIn(posting: Item, speakers: readonly Speaker[]): string[] {
  return speakers.flatMap((speaker) => (posting[speaker] as string[] | undefined) ?? []);
}

function callOfPosting(sk: string): string {
  return sk.slice(0, sk.lastIndexOf('#'));
}

function candidateOf(sk: string, turn: string): Candidate {
  const [time = '', sidKey = '', block = ''] = sk.split('#');
  const call = callPartition(sidKey);
  return { call, place: `${time}#${sidKey}`, turn: { pk: call, sk: `turn#${turn}#${block}` } };
}
