import { mayContinueNumber } from '../text/spoken-digits.ts';
import { UNFINISHED_WORDS, type UnfinishedWords } from './unfinished-words.ts';

/** `finished`: reads like a complete sentence. `unfinished`: certainly goes on. `open`: may be either. */
export type SentenceState = 'finished' | 'unfinished' | 'open';

const QUESTION = /[?？؟]["'”’»)\]]*$/u;
const SENTENCE_END = /[.!…。！।]["'”’»)\]]*$/u;
const GOES_ON = /(\.{2,}|[…,;:，、；：–—-])["'”’»)\]]*$/u;
const AROUND_WORDS = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu;

/**
 * Whether what a caller has said so far is a complete sentence. Recognisers end every text with a full stop, so the last words
 * decide. `language`: of the call, a tag such as `de` or `pt-BR`; without a known one, the words tell it.
 */
export function sentenceState(text: string, language?: string): SentenceState {
  const said = text.trim();
  const words = said.toLowerCase().replace(AROUND_WORDS, '').replaceAll('’', "'");
  if (words === '') return 'open';
  if (GOES_ON.test(said) || mayContinueNumber(said)) return 'unfinished';
  if (QUESTION.test(said)) return 'finished';
  const rules = rulesFor(words, language);
  const last = words.split(/\s+/u).at(-1) ?? '';
  if (rules && (rules.words.has(last) || rules.phrases.test(words))) return 'unfinished';
  return SENTENCE_END.test(said) ? 'finished' : 'open';
}

/** Undefined if neither the language nor a word of it is known. */
function rulesFor(words: string, language: string | undefined): UnfinishedWords | undefined {
  const tag = language?.toLowerCase().split('-')[0] ?? '';
  if (tag in UNFINISHED_WORDS) return UNFINISHED_WORDS[tag as keyof typeof UNFINISHED_WORDS];
  if (tag !== '') return undefined;
  const known = words.split(/\s+/u);
  const counted = Object.values(UNFINISHED_WORDS).map((rules) => ({
    rules,
    hits: known.filter((word) => rules.frequent.has(word)).length,
  }));
  const best = counted.reduce((one, other) => (other.hits > one.hits ? other : one));
  return best.hits > 0 ? best.rules : undefined;
}
