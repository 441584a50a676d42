import { BadQuery } from './catalogue.ts';
import { wordsOf } from './words.ts';

/** A parsed search query: all phrases must occur in one turn. A phrase is a sequence of one or more words. */
export type SearchTerm = readonly (readonly string[])[];

const LONGEST_QUERY = 1_000;
const MOST_WORDS = 32;
const QUOTES = /[“”„‟«»]/g;
const PIECE = /"([^"]*)"|[^\s"]+/g;

/**
 * Parses a search query. Quotes make a phrase, and so do words that are joined without a space, as in `2026-07`. All
 * other punctuation is ignored. Throws `BadQuery` if no word remains.
 */
export function parseSearchQuery(query: string): SearchTerm {
  if (query.length > LONGEST_QUERY)
    throw new BadQuery(`A search may have at most ${LONGEST_QUERY} characters; this has ${query.length}.`);
  const pieces = [...query.replace(QUOTES, '"').matchAll(PIECE)];
  const phrases = pieces.map((piece) => wordsOf(piece[1] ?? piece[0])).filter((words) => words.length > 0);
  const different = [...new Map(phrases.map((words) => [words.join(' '), words])).values()];
  if (different.length === 0)
    throw new BadQuery(
      'There is no word to look for: give at least one letter or digit, as in invoice 4711.',
    );
  const count = different.reduce((sum, words) => sum + words.length, 0);
  if (count > MOST_WORDS)
    throw new BadQuery(`A search may have at most ${MOST_WORDS} words; this has ${count}.`);
  return different;
}
