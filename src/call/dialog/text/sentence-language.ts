import { ALWAYS_INSIDE, FOLLOWS_ORDINAL, LANGUAGES } from './sentence-abbreviations.ts';

/** German words before an ordinal number. */
const BEFORE_ORDINAL =
  /(?:^|\s)(?:am|im|der|die|das|dem|den|des|vom|zum|zur|beim|bis|ab|seit|jeden|jeder|jedes)\s+\d{1,2}\.$/iu;

/** `unknown`: the next word is not complete. */
export type FalseEnd = 'yes' | 'no' | 'unknown';

const NEXT_WORD = /^[\s"'“„«(¿¡]*([\p{L}\p{N}][\p{L}\p{M}\p{N}'’-]*)/u;
/** One letter, or several letters with full stops: an initial or an abbreviation. */
const INITIAL = /(?:^|[\s("'“„«.-])[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]\p{M}*\.$/u;

/** A word without capitals inside, or in a script that has no abbreviations. */
const PLAIN_END =
  /(?:^|[\s"'“„«(])(\p{L}[\p{Ll}\p{Lo}\p{M}'’-]{2,}|[^\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\P{L}]\S+)\.["'”’»)\]]*$/u;
/** A short word without capitals, as "pon." and "man." for Monday. */
const SHORT_END = /(?:^|[\s("'“„«])\p{Ll}[\p{Ll}\p{M}]{1,2}\.$/u;
const VOWEL = /[aeiouy]/u;
/** German streets and squares: "Hauptstr. 12". */
const STREET_END = /\p{L}{2}(?:str|pl)\.$/u;
/** A unit of one letter after a number: "9 h." */
const UNIT_END = /\p{N}\s?\p{Ll}\.$/u;
/** Thai ends no sentence with a full stop, but abbreviations: "9.00 น.", "พ.ศ. 2567". */
const THAI_ABBREVIATION = /(?:^|[^\p{Script=Thai}])\p{Script=Thai}[\p{Script=Thai}\p{M}]{0,2}\.$/u;
/** A number, as in "am 3.", or a Roman one, as in "Ludwig XIV." */
const ORDINAL = /(?:^|[\s(])(?:\d{1,2}|[IVXLC]{2,6})\.$/u;
/** Also the parts of abbreviations: "Dr. phil." */
const ABBREVIATIONS = new Set(
  [
    ...wordSet(
      ...Object.values(LANGUAGES).flatMap(({ inside, atEnd, dates, beforeNumber }) => [
        inside,
        atEnd,
        dates,
        beforeNumber,
      ]),
    ),
  ].flatMap((word) => [word, ...word.split('.')]),
);

/** Languages that are written alike, as far as their abbreviations go. */
const ALIASES: Readonly<Record<string, string>> = { no: 'nb', nn: 'nb', bs: 'hr', sr: 'hr' };

/** Knows where a full stop ends no sentence in one language. */
export class SentenceLanguage {
  readonly #inside: ReadonlySet<string>;
  readonly #atEnd: ReadonlySet<string>;
  readonly #beforeNumber: ReadonlySet<string>;
  readonly #starters: ReadonlySet<string>;
  readonly #ordinals: boolean;
  readonly #isEnglish: boolean;

  /** The languages that were asked for: each reply needs one, and its sets are large. */
  static readonly #known = new Map<string, SentenceLanguage>();

  /** `tag`: of the language, such as `de` or `pt-BR`. Abbreviations of English are always known. */
  static of(tag = 'en'): SentenceLanguage {
    const code = tag.slice(0, 2).toLowerCase();
    const name = ALIASES[code] ?? code;
    const own = LANGUAGES[name];
    // Unknown languages are all the same.
    const key = own ? name : '';
    const language = SentenceLanguage.#known.get(key) ?? new SentenceLanguage(own ?? {});
    SentenceLanguage.#known.set(key, language);
    return language;
  }

  private constructor(own: (typeof LANGUAGES)[string]) {
    const english = LANGUAGES['en']!;
    this.#inside = wordSet(own.inside, english.inside, ALWAYS_INSIDE);
    this.#atEnd = wordSet(...Object.values(LANGUAGES).map(({ atEnd }) => atEnd), own.dates);
    this.#beforeNumber = wordSet(own.beforeNumber, english.beforeNumber);
    this.#starters = wordSet(...Object.values(LANGUAGES).map(({ starters }) => starters));
    this.#ordinals = own.ordinals ?? false;
    this.#isEnglish = own === english;
  }

  /** `yes` if `head`, which ends in a full stop, goes on in `next`: both belong to one sentence. */
  isFalseEnd(head: string, next: string, ended: boolean): FalseEnd {
    if (!head.endsWith('.') || head.endsWith('..')) return 'no';
    const abbreviation = this.#abbreviation(head);
    if (abbreviation === 'inside' || THAI_ABBREVIATION.test(head)) return 'yes';
    const isOrdinal = ORDINAL.test(head);
    const isShort = SHORT_END.test(head) || UNIT_END.test(head) || STREET_END.test(head);
    if (abbreviation === 'none' && !isOrdinal && !isShort && !INITIAL.test(head)) return 'no';
    const word = NEXT_WORD.exec(next);
    const isComplete = word !== null && word[0].length < next.length;
    if (!isComplete && !ended) return 'unknown';
    const first = word?.[1] ?? '';
    if (abbreviation === 'none' && STREET_END.test(head)) return /^\p{N}/u.test(first) ? 'yes' : 'no';
    if (abbreviation === 'none' && isShort) return /^[\p{Ll}\p{N}]/u.test(first) ? 'yes' : 'no';
    if (abbreviation === 'before-number') return /^\p{N}/u.test(first) ? 'yes' : 'no';
    const isInitial = next[word?.[0].length ?? 0] === '.' && first.length === 1;
    if (this.#starters.has(first) && !isInitial) return 'no';
    if (!isOrdinal || isListNumber(head)) return 'yes';
    return this.#ordinals || FOLLOWS_ORDINAL.has(first) || BEFORE_ORDINAL.test(head) ? 'yes' : 'no';
  }

  /** True if `head` ends in a full stop after a word that is an abbreviation in no language. */
  isPlainEnd(head: string): boolean {
    const word = PLAIN_END.exec(head)?.[1];
    if (word === undefined) return false;
    if (STREET_END.test(head) || THAI_ABBREVIATION.test(head)) return false;
    // Unknown abbreviations have three letters, in English without a vowel: "pon." and "czw." in Polish.
    if (SHORT_END.test(head) && (!this.#isEnglish || !VOWEL.test(word))) return false;
    // "l'ing." ends in an abbreviation.
    return ![word, word.replace(/^.*['’]/u, ''), ...uncapitalised(head)].some((one) =>
      ABBREVIATIONS.has(one),
    );
  }

  #abbreviation(head: string): 'inside' | 'at-end' | 'before-number' | 'none' {
    // Parts of an abbreviation may have blanks between them: "z. B.", "i. d. R."
    const spaced = /(?:^|[\s("'“„«])((?:\p{L}{1,5}\.\s?){2,5})$/u.exec(head)?.[1];
    const token = /[^\s("'’“„«]+$/u.exec(head)?.[0] ?? '';
    const words = [token, ...(spaced === undefined ? [] : tailsOf(spaced))].map((one) =>
      one.replace(/\s/gu, '').slice(0, -1),
    );
    for (const word of [...words, ...uncapitalised(head)]) {
      if (this.#inside.has(word)) return 'inside';
      if (this.#atEnd.has(word)) return 'at-end';
      if (this.#beforeNumber.has(word)) return 'before-number';
    }
    return 'none';
  }
}

/** The only word of a sentence so far, as it is written within one: "Esim." in Finnish, "Dvs." in Danish. */
function uncapitalised(head: string): string[] {
  const word = /^\s*(\p{Lu}[\p{Ll}.]+)\.$/u.exec(head)?.[1];
  return word === undefined ? [] : [word[0]!.toLowerCase() + word.slice(1)];
}

/** "We have: 1. Billing 2. Support" */
function isListNumber(head: string): boolean {
  const number = Number(/(\d+)\.$/u.exec(head)?.[1]);
  return /[:;]\s*\d+\.$/u.test(head) || new RegExp(`(?:^|\\s)${number - 1}\\.\\s`, 'u').test(head);
}

/** `i. d. R.`, `d. R.`, `R.` */
function tailsOf(spaced: string): string[] {
  const parts = spaced
    .trim()
    .split(/(?<=\.)\s*/u)
    .filter((part) => part !== '');
  return parts.map((_, index) => parts.slice(index).join(''));
}

function wordSet(...lists: readonly (string | undefined)[]): ReadonlySet<string> {
  return new Set(lists.flatMap((list) => list?.split(' ') ?? []));
}
