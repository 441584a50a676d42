import stopword from 'stopword';
import { VIETNAMESE_STOP_WORDS } from './vietnamese-stop-words.ts';

const MOST_KEYWORDS = 12;
/** Letters of a word in Latin, Greek or Cyrillic script. */
const SHORTEST_WORD = 3;
/** In these scripts many nouns have two characters. */
const SHORT_WORD =
  /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Hebrew}\p{Script=Arabic}ー]{2}$/u;
/** Languages in Latin script with many nouns of two letters: `xe`, `ev`, `tó`, `yö`. */
const SHORT_LANGUAGES: ReadonlySet<string> = new Set(['vi', 'tr', 'hu', 'fi', 'et']);
const LETTERS = /^\p{L}{2}$/u;
/** TV, EU or 5G, in a text that is not all capitals. IT and US are none of the words `it` and `us`. */
const ABBREVIATION = /^(?:\p{Lu}{2}|\p{Lu}\p{Nd}|\p{Nd}\p{Lu})$/u;
/** Capitals that say nothing: agreement, and parts of times. */
const IDLE_ABBREVIATIONS: ReadonlySet<string> = new Set(['OK', 'AM', 'PM']);

/** ISO 639-1 → the name of the list. */
const LISTS: Readonly<Record<string, string>> = Object.fromEntries(
  'af afr|ar ara|bn ben|br bre|bg bul|ca cat|cs ces|da dan|de deu|el ell|en eng|eo epo|et est|eu eus|fa fas|fi fin|fr fra|gl glg|gu guj|ha hau|he heb|hi hin|hr hrv|hu hun|hy hye|id ind|it ita|ja jpn|ko kor|ku kur|la lat|lv lav|lt lit|mr mar|ms msa|my mya|nl nld|nb nob|no nob|pa panGu|pl pol|pt por|ro ron|ru rus|sk slk|sl slv|so som|st sot|es spa|sw swa|sv swe|tl tgl|th tha|tr tur|uk ukr|ur urd|vi vie|yo yor|zh zho|zu zul'
    .split('|')
    .map((pair) => pair.split(' ') as [string, string]),
);

/** Speakers may use another language than the setting names; some are known by their script. */
const LISTS_OF_SCRIPTS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\p{Script=Han}/u, ['zho', 'jpn']],
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/u, ['jpn']],
  [/\p{Script=Hangul}/u, ['kor']],
  [/\p{Script=Thai}/u, ['tha']],
  [/\p{Script=Hebrew}/u, ['heb']],
  [/\p{Script=Arabic}/u, ['ara', 'fas', 'urd']],
  [/\p{Script=Devanagari}/u, ['hin', 'mar']],
  [/\p{Script=Cyrillic}/u, ['rus', 'ukr', 'bul']],
  [/\p{Script=Greek}/u, ['ell']],
];

/**
 * The most significant words of a speaker's texts, lower case, most significant first: the most frequent ones, without
 * stop words of the language, of English, and of the scripts in the texts. `language`: as LANGUAGE is set, `de` or
 * `pt-BR`.
 */
export function keywordsOf(texts: readonly string[], language: string): string[] {
  const counts = new Map<string, number>();
  const idle = idleWords(texts.join(' '), language);
  for (const text of texts)
    for (const word of significantWords(text, language, idle)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts.entries()]
    .sort(([a, countA], [b, countB]) => countB - countA || b.length - a.length || (a < b ? -1 : 1))
    .slice(0, MOST_KEYWORDS)
    .map(([word]) => word);
}

function significantWords(text: string, language: string, idle: ReadonlySet<string>): string[] {
  const words: string[] = [];
  const hasLowerCase = /\p{Ll}/u.test(text);
  const areShort = SHORT_LANGUAGES.has(primary(language));
  for (const { segment, isWordLike } of segmenterOf(language).segment(text.normalize('NFC'))) {
    if (!isWordLike) continue;
    const word = segment.toLocaleLowerCase(language);
    if (hasLowerCase && ABBREVIATION.test(segment)) {
      if (!IDLE_ABBREVIATIONS.has(segment)) words.push(word);
      continue;
    }
    const isLong = segment.length >= SHORTEST_WORD;
    const isShort = SHORT_WORD.test(segment) || (areShort && LETTERS.test(segment));
    if ((isLong || isShort) && !idle.has(word)) words.push(word);
  }
  return words;
}

function idleWords(text: string, language: string): ReadonlySet<string> {
  const own = LISTS[primary(language)];
  const ofScripts = LISTS_OF_SCRIPTS.flatMap(([script, names]) => (script.test(text) ? names : []));
  // Prompts and names of products are in English.
  const names = new Set(['eng', ...(own === undefined ? [] : [own]), ...ofScripts]);
  return new Set([...names].flatMap(stopWordsOf));
}

/** `pt` of `pt-BR`. */
function primary(language: string): string {
  return language.split('-')[0]!.toLowerCase();
}

function stopWordsOf(name: string): readonly string[] {
  const list = stopword[name];
  const words = Array.isArray(list) ? (list as string[]) : [];
  return name === 'vie' ? [...words, ...VIETNAMESE_STOP_WORDS] : words;
}

const segmenters = new Map<string, Intl.Segmenter>();

function segmenterOf(language: string): Intl.Segmenter {
  const known = segmenters.get(language);
  if (known) return known;
  const made = new Intl.Segmenter(language, { granularity: 'word' });
  segmenters.set(language, made);
  return made;
}
