import type { SearchHit } from './catalogue.ts';
import { microphoneKey } from './microphone-entry.ts';
import type { SearchTerm } from './search-query-parser.ts';
import { INDEXED_WORDS, wordsOf } from './words.ts';

/** BM25 parameters with their usual values: k1 (saturation of term frequency) and b (length normalisation). */
const SATURATION = 1.2;
const LENGTH_SHARE = 0.75;
/** The average length of a turn on the telephone, in words. */
const USUAL_LENGTH = 15;
/** Scores are rounded so that they survive a round trip through a cursor. */
const SCORE_STEPS = 1e6;

/**
 * Scores how well a turn matches the query; 0 means no match. The score depends on the turn alone, not on the rest of
 * the catalogue: every catalogue ranks alike, and the order is stable while new calls arrive. More occurrences, shorter
 * turns and closer words score higher.
 */
export function scoreOf(text: string, terms: SearchTerm): number {
  const words = wordsOf(text).slice(0, INDEXED_WORDS);
  const most = SATURATION * (1 - LENGTH_SHARE + (LENGTH_SHARE * words.length) / USUAL_LENGTH);
  let score = 0;
  for (const phrase of terms) {
    const count = countOf(words, phrase);
    if (count === 0) return 0;
    score += ((SATURATION + 1) * count) / (count + most);
  }
  if (terms.length > 1 && countOf(words, terms.flat()) > 0) score += terms.length;
  return Math.max(1, Math.round(score * SCORE_STEPS)) / SCORE_STEPS;
}

function countOf(words: readonly string[], phrase: readonly string[]): number {
  let count = 0;
  for (let at = words.indexOf(phrase[0]!); at >= 0; at = words.indexOf(phrase[0]!, at + 1)) {
    if (phrase.every((word, index) => words[at + index] === word)) count++;
  }
  return count;
}

/** The sort key of a hit. */
export type RankKey = readonly [
  score: number,
  startedAtMs: number,
  /** The CallSid, or the key of a microphone recording. */
  key: string,
  startMs: number,
  turnId: string,
];

export function rankKeyOf(hit: SearchHit): RankKey {
  const key = hit.type === 'call' ? hit.callSid : microphoneKey(hit.name);
  return [hit.score, hit.startedAtMs, key, hit.startMs, hit.turnId];
}

/** Best first, then latest call first, then in call order. */
function compareRank(one: RankKey, other: RankKey): number {
  return (
    other[0] - one[0] ||
    other[1] - one[1] ||
    compareText(one[2], other[2]) ||
    one[3] - other[3] ||
    compareText(one[4], other[4])
  );
}

/** Sorts best first and drops hits up to and including `after`. */
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
