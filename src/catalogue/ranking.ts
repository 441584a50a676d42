import type { SearchHit } from './catalogue.ts';
import type { SearchTerm } from './search-query-parser.ts';
import { INDEXED_WORDS, wordsOf } from './words.ts';

/** How soon a word that comes again stops counting, and how much length takes away: the usual values of BM25. */
const SATURATION = 1.2;
const LENGTH_SHARE = 0.75;
/** A turn on the telephone, in words. */
const USUAL_LENGTH = 15;
/** So that a score is the same number in a cursor. */
const SCORE_STEPS = 1e6;

/**
 * How well a turn answers what is wanted; 0: not at all. It depends on the turn alone, not on what else a catalogue
 * holds, so that every catalogue ranks alike and a page's order stays while new calls come in. The more often the words
 * stand in the turn, the shorter it is and the closer they stand together, the better.
 */
export function scoreOf(text: string, wanted: SearchTerm): number {
  const words = wordsOf(text).slice(0, INDEXED_WORDS);
  const most = SATURATION * (1 - LENGTH_SHARE + (LENGTH_SHARE * words.length) / USUAL_LENGTH);
  let score = 0;
  for (const phrase of wanted) {
    const count = countOf(words, phrase);
    if (count === 0) return 0;
    score += ((SATURATION + 1) * count) / (count + most);
  }
  if (wanted.length > 1 && countOf(words, wanted.flat()) > 0) score += wanted.length;
  return Math.max(1, Math.round(score * SCORE_STEPS)) / SCORE_STEPS;
}

function countOf(words: readonly string[], phrase: readonly string[]): number {
  let count = 0;
  for (let at = words.indexOf(phrase[0]!); at >= 0; at = words.indexOf(phrase[0]!, at + 1)) {
    if (phrase.every((word, index) => words[at + index] === word)) count++;
  }
  return count;
}

/** Where a hit stands among the others. */
export type RankKey = readonly [
  score: number,
  startedAtMs: number,
  callSid: string,
  startMs: number,
  turnId: string,
];

export function rankKeyOf(hit: SearchHit): RankKey {
  return [hit.score, hit.startedAtMs, hit.callSid, hit.startMs, hit.turnId];
}

/** Best first, then the latest call, then as the call went. */
function compareRank(one: RankKey, other: RankKey): number {
  return (
    other[0] - one[0] ||
    other[1] - one[1] ||
    compareText(one[2], other[2]) ||
    one[3] - other[3] ||
    compareText(one[4], other[4])
  );
}

/** Best first, without those up to `after`. */
export function ranked(hits: readonly SearchHit[], after: RankKey | undefined): SearchHit[] {
  const keyed = hits.map((hit) => ({ hit, key: rankKeyOf(hit) }));
  return keyed
    .filter(({ key }) => !after || compareRank(key, after) > 0)
    .sort((one, other) => compareRank(one.key, other.key))
    .map(({ hit }) => hit);
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
