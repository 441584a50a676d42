import { LANGUAGES } from '../sentence-abbreviations.ts';

/** More words that tell a language; `LANGUAGES` has those that begin sentences. */
const MORE_WORDS: Readonly<Record<string, string>> = {
  en:
    'of the and you your is are be have at been until number about or as it its we us our all any each per day days week today ' +
    'tomorrow costs total open ready time call',
  de:
    'ist und sind der dem den des von zu zum am vom beträgt nicht einen einer eines sie uhr nummer auch oder bei beim pro kostet ' +
    'kosten macht wird werden ab insgesamt heute morgen tag tage woche monat geöffnet noch schon mehr als über unter zwischen ihnen',
  es:
    'de del al el que se son su sus es está están y número correo cuesta cuestan total hay por hoy mañana día días semana mes entre ' +
    'desde hasta más menos como muy también usted nuestro será habitación cita',
  fr:
    'de du est sont et au aux vous votre vos le la les sera numéro avec cela ça coûte coûtent soit par an jour jours semaine mois ' +
    'entre depuis plus moins très aussi notre nos ou où rue chambre jusque total demain',
  it: 'di del della dei è il lo la le gli che sono suo sua numero costa per al alle dal anche più oggi domani giorno giorni non un una',
  nl: 'van het een is zijn uw en te nummer de kost per op om met voor dag dagen ook niet naar bij tot',
  pt: 'de do da dos das é os que são seu sua número custa por ao às dia dias também não um uma com para',
};
/** Words of one letter are letters of a code, or exist in many languages; those of an address are names. */
const WORD = /(?<![\p{L}\p{N}@._-])[\p{L}\p{M}]{2,}(?![\p{L}\p{M}\p{N}@_-]|\.\p{L})(?:['’]\p{L}+)?/gu;
/** One word alone may be a name, or exist in the other language. */
const MIN_WORDS = 2;
const OTHER_SCRIPT = /(?!\p{Script=Latin}|\p{Script=Common}|\p{Script=Inherited})\p{L}/u;
/** Languages that are not written in Latin letters. */
const NOT_LATIN = new Set(
  'ru uk bg el ja zh ko ar he hi th sr mk fa ur bn ta te ka hy am kn ml mr gu pa ne si km lo my'.split(' '),
);

const WORDS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(LANGUAGES).map(([language, { starters = '' }]) => [
    language,
    new Set(`${starters} ${MORE_WORDS[language] ?? ''}`.toLowerCase().split(' ')),
  ]),
);

/**
 * The language of each sentence of a reply, by its most frequent words. The language of the call is assumed if nothing speaks
 * against it, afterwards that of the sentence before.
 */
export class SpeakingLanguage {
  readonly #usual: string;
  #last: string;

  /** `usual`: of the call, a tag such as `de` or `pt-BR`. */
  constructor(usual: string) {
    this.#usual = usual;
    this.#last = usual;
  }

  /** A tag; only that of the call has a region. Empty: the language is not known. */
  of(sentence: string): string {
    const usualCode = codeOf(this.#usual);
    if (OTHER_SCRIPT.test(sentence) && !NOT_LATIN.has(usualCode)) return '';
    const counts = countWords(sentence);
    const most = Math.max(0, ...counts.values());
    if (most === 0 || counts.get(codeOf(this.#last)) === most) return this.#last;
    const best = [...counts].filter(([, count]) => count === most).map(([language]) => language);
    if (best.includes(usualCode)) this.#last = this.#usual;
    else if (best.length === 1 && most >= MIN_WORDS) this.#last = best[0]!;
    else return '';
    return this.#last;
  }
}

function codeOf(tag: string): string {
  return tag.split('-')[0]!.toLowerCase();
}

function countWords(sentence: string): Map<string, number> {
  const words = sentence.toLowerCase().match(WORD) ?? [];
  return new Map(
    [...WORDS].map(([language, known]) => [language, words.filter((word) => known.has(word)).length]),
  );
}
