import type { OwnTurnRules } from '../../../settings/turn-rules/turn-rules.ts';
import { mayContinueNumber, trailingNumber } from '../text/spoken-digits.ts';
import { escaped, joinedRules, languageCode, languageRules, plainWords } from './own-rules.ts';
import { UNFINISHED_WORDS, type UnfinishedWords } from './unfinished-words.ts';

/** `finished`: reads like a complete sentence. `unfinished`: certainly goes on. `open`: may be either. */
export type SentenceState = 'finished' | 'unfinished' | 'open';

const QUESTION = /[?？؟]["'”’»)\]]*$/u;
const SENTENCE_END = /[.!…。！।]["'”’»)\]]*$/u;
const GOES_ON = /(\.{2,}|[…,;:，、；：–—-])["'”’»)\]]*$/u;
/** An announced number of as many digits is complete: a telephone number with its area code. */
const COMPLETE_DIGITS = 10;
const AROUND_WORDS = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu;

/** Tells from the last words of a text whether it is a complete sentence: by the built-in rules and a user's own. */
export class SentenceStates {
  readonly #own: OwnTurnRules;
  readonly #endings = new Map<string, OwnEndings>();

  constructor(own: OwnTurnRules = {}) {
    this.#own = own;
  }

  /**
   * Whether what a caller has said so far is a complete sentence. Recognisers end every text with a full stop, so the last words
   * decide. `language`: of the call, a tag such as `de` or `pt-BR`; without a known one, the words tell it.
   */
  of(text: string, language?: string): SentenceState {
    const said = text.trim();
    const words = said.toLowerCase().replace(AROUND_WORDS, '').replaceAll('’', "'");
    if (words === '') return 'open';
    if (GOES_ON.test(said) || mayContinueNumber(said)) return 'unfinished';
    if (QUESTION.test(said)) return 'finished';
    if (isPartOfNumber(said, languageCode(language))) return 'unfinished';
    if (this.#goesOn(words, language)) return 'unfinished';
    return SENTENCE_END.test(said) ? 'finished' : 'open';
  }

  #goesOn(words: string, language: string | undefined): boolean {
    const code = languageCode(language);
    const own = this.#ownEndings(code);
    const plain = plainWords(words).join(' ');
    if (own?.goesOn.test(plain)) return true;
    const rules = rulesFor(words, code);
    const last = words.split(/\s+/u).at(-1) ?? '';
    return (
      rules !== undefined && !own?.ends.test(plain) && (rules.words.has(last) || rules.phrases.test(words))
    );
  }

  /** Without a language, those of all languages. */
  #ownEndings(code: string): OwnEndings | undefined {
    const known = this.#endings.get(code);
    if (known) return known;
    const rules = code === '' ? joinedRules(Object.values(this.#own)) : languageRules(this.#own, code);
    if (!rules) return undefined;
    const endings = { goesOn: endingIn(rules.unfinished), ends: endingIn(rules.notUnfinished) };
    this.#endings.set(code, endings);
    return endings;
  }
}

/** "My number is 030.": recognisers end each group with a full stop, and a further group may follow a short number. */
function isPartOfNumber(said: string, code: string): boolean {
  const { before, digits } = trailingNumber(said);
  if (digits === 0 || digits >= COMPLETE_DIGITS) return false;
  return rulesFor(before, code)?.numberIs.test(before) ?? false;
}

/** A user's own words and phrases at the end of a text. */
interface OwnEndings {
  readonly goesOn: RegExp;
  readonly ends: RegExp;
}

const NEVER = /(?!)/u;
/** Between words, and before any word of a script that has no spaces. */
const BEFORE_WORD = String.raw`(?:^|\s|(?<=[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]))`;

function endingIn(phrases: readonly string[]): RegExp {
  return phrases.length === 0
    ? NEVER
    : new RegExp(`${BEFORE_WORD}(?:${phrases.map(escaped).join('|')})$`, 'u');
}

/** Undefined if neither the language nor a word of it is known. */
function rulesFor(words: string, tag: string): UnfinishedWords | undefined {
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
