import type { Catalogue, SearchQuery } from '../../src/catalogue/catalogue.ts';
import { wordsOf } from '../../src/catalogue/words.ts';
import { ZipfCalls } from './zipf-calls.ts';

const PAGE = { limit: 20 };
/** A rare word occurs in at most this share of all turns. */
const RARE_SHARE = 0.01;
const SAMPLE_CALLS = 2_000;

export interface Question {
  readonly name: string;
  /** Whether the target time applies to it. */
  readonly hasGoal: boolean;
  readonly make: (round: number) => () => Promise<unknown>;
  /** The equivalent query for the reference, if there is one. */
  readonly bareWords?: (round: number) => string;
}

/** The queries for a catalogue of `calls` calls of `ZipfCalls`. */
export async function questionsOf(catalogue: Catalogue, calls: number): Promise<Question[]> {
  const sample = new Sample(calls);
  const sidAt = (index: number): string => `CA${index.toString(16).padStart(32, '0')}`;
  const someSid = (round: number): string => sidAt((round * 7_919) % calls);
  const deep = await cursorAt(catalogue, 10);
  const middle = (await catalogue.get(sidAt(calls >> 1)))!.startedAtMs;
  const search = (name: string, hasGoal: boolean, query: (round: number) => SearchQuery): Question => ({
    ...{ name, hasGoal },
    make: (round) => () => catalogue.search(query(round), PAGE),
  });
  const words = (name: string, hasGoal: boolean, of: (round: number) => string): Question => ({
    ...search(name, hasGoal, (round) => ({ words: of(round) })),
    bareWords: of,
  });
  return [
    words('a rare word', true, (round) => sample.rareWord(round)),
    words('the commonest of the rare', true, (round) => sample.almostCommon(round)),
    words(
      'two rare words',
      true,
      (round) => `${sample.almostCommon(round)} ${sample.almostCommon(round + 7)}`,
    ),
    words('a phrase of two', true, (round) => sample.phrase(round, 2)),
    words('a phrase of three', true, (round) => sample.phrase(round, 3)),
    words('a number', true, (round) => String(1_000 + ((round * 7_919) % 9_000))),
    words('a month', true, (round) => `20${10 + (round % 16)}-${String(1 + (round % 12)).padStart(2, '0')}`),
    words('a common word', false, (round) => sample.commonWord(round)),
    words('three common words', false, (round) =>
      [0, 1, 2].map((more) => sample.commonWord(round + more)).join(' '),
    ),
    words(
      'a common and a rare word',
      false,
      (round) => `${sample.commonWord(round)} ${sample.rareWord(round)}`,
    ),
    search('a common word, one speaker', false, (round) => ({
      words: sample.commonWord(round),
      speaker: 'caller',
    })),
    search('a common word, one week', false, (round) => ({
      ...{ words: sample.commonWord(round), fromMs: middle, beforeMs: middle + 7 * 86_400_000 },
    })),
    search('a rare word, failed calls', false, (round) => ({
      words: sample.almostCommon(round),
      outcome: 'failed',
    })),
    search('a common word, a number', false, (round) => ({
      ...{ words: sample.commonWord(round), number: sample.number(round) },
    })),
    { name: 'list: first page', hasGoal: false, make: () => () => catalogue.list({}, PAGE) },
    {
      name: 'list: a later page',
      hasGoal: false,
      make: () => () => catalogue.list({}, { ...PAGE, cursor: deep }),
    },
    {
      name: 'list: failed calls',
      hasGoal: false,
      make: () => () => catalogue.list({ outcome: 'failed' }, PAGE),
    },
    {
      name: 'list: long calls',
      hasGoal: false,
      make: () => () => catalogue.list({ minDurationMs: 1e9 }, PAGE),
    },
    {
      ...{ name: 'list: a number', hasGoal: false },
      make: (round) => () => catalogue.list({ number: sample.number(round) }, PAGE),
    },
    { name: 'get', hasGoal: false, make: (round) => () => catalogue.get(someSid(round)) },
    {
      ...{ name: 'put a call whole', hasGoal: false },
      make: (round) => () => catalogue.putEntry(sample.entry(round)),
    },
  ];
}

async function cursorAt(catalogue: Catalogue, pages: number): Promise<string> {
  let cursor: string | undefined;
  for (let page = 0; page < pages; page++)
    cursor = (await catalogue.list({}, { ...PAGE, ...(cursor !== undefined && { cursor }) })).next;
  return cursor!;
}

/** Words by the number of turns that contain them, counted in a sample of the calls. */
class Sample {
  readonly #entries;
  readonly #common: readonly string[];
  readonly #almostCommon: readonly string[];
  readonly #rare: readonly string[];

  constructor(calls: number) {
    const made = new ZipfCalls();
    this.#entries = Array.from({ length: Math.min(calls, SAMPLE_CALLS) }, (_, index) => made.call(index));
    const counts = new Map<string, number>();
    const turns = this.#entries.flatMap((entry) => entry.turns);
    for (const turn of turns) {
      for (const word of new Set(wordsOf(turn.text!))) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    const spoken = [...counts].filter(([word]) => !/\d|^number$|^from$/.test(word));
    const between = (from: number, to: number): string[] =>
      spoken
        .filter(([, count]) => count / turns.length > from && count / turns.length <= to)
        .map(([word]) => word);
    this.#common = between(0.1, 1);
    this.#almostCommon = between(0.7 * RARE_SHARE, 0.95 * RARE_SHARE);
    this.#rare = between(0, RARE_SHARE / 2);
  }

  rareWord(round: number): string {
    return this.#rare[(round * 31) % this.#rare.length]!;
  }

  almostCommon(round: number): string {
    return this.#almostCommon[round % this.#almostCommon.length]!;
  }

  commonWord(round: number): string {
    return this.#common[round % this.#common.length]!;
  }

  /** Consecutive words of a turn. */
  phrase(round: number, length: number): string {
    const { turns } = this.#entries[(round * 13) % this.#entries.length]!;
    return `"${wordsOf(turns[round % turns.length]!.text!)
      .slice(0, length)
      .join(' ')}"`;
  }

  number(round: number): string {
    return this.#entries[(round * 17) % this.#entries.length]!.from;
  }

  entry(round: number) {
    return this.#entries[(round * 13) % this.#entries.length]!;
  }
}
