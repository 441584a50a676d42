import stopword from 'stopword';
import type { TranscriptTurn } from './transcript.ts';

const MOST_KEYWORDS = 12;
/** Letters. */
const SHORTEST_WORD = 3;
/** Most words of Chinese, Japanese and Korean have two signs. */
const SHORT_WORD = /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Katakana}ー]{2}$/u;
/** An abbreviation such as TV or EU, in a text that is not all capitals. */
const ABBREVIATION = /^\p{Lu}{2}$/u;
/** The caller's words count more than the assistant's: they say more about the subject of the call. */
const WEIGHT = { caller: 2, assistant: 1, operator: 1 } as const;

/** ISO 639-1 → the name of the list. English is always left out too: prompts may be in it. */
const LISTS: Readonly<Record<string, string>> = Object.fromEntries(
  'af afr|ar ara|bn ben|br bre|bg bul|ca cat|cs ces|da dan|de deu|el ell|en eng|eo epo|et est|eu eus|fa fas|fi fin|fr fra|gl glg|gu guj|ha hau|he heb|hi hin|hr hrv|hu hun|hy hye|id ind|it ita|ja jpn|ko kor|ku kur|la lat|lv lav|lt lit|mr mar|ms msa|my mya|nl nld|nb nob|no nob|pa panGu|pl pol|pt por|ro ron|ru rus|sk slk|sl slv|so som|st sot|es spa|sw swa|sv swe|tl tgl|th tha|tr tur|uk ukr|ur urd|vi vie|yo yor|zh zho|zu zul'
    .split('|')
    .map((pair) => pair.split(' ') as [string, string]),
);

/**
 * The most significant words of a call, lower case, most significant first: those said most often, the caller's
 * counting double, without the ones that every talk is full of. `language`: as LANGUAGE is set, `de` or `pt-BR`.
 */
export function keywordsOf(turns: readonly TranscriptTurn[], language: string): string[] {
  const idle = idleWords(language);
  const scores = new Map<string, number>();
  for (const turn of turns) {
    if (turn.kind !== 'speech') continue;
    for (const word of wordsOf(turn.text ?? '', language)) {
      if (idle.has(word)) continue;
      scores.set(word, (scores.get(word) ?? 0) + WEIGHT[turn.speaker]);
    }
  }
  return [...scores.entries()]
    .sort(([a, scoreA], [b, scoreB]) => scoreB - scoreA || b.length - a.length || (a < b ? -1 : 1))
    .slice(0, MOST_KEYWORDS)
    .map(([word]) => word);
}

function wordsOf(text: string, language: string): string[] {
  const words: string[] = [];
  const hasLowerCase = /\p{Ll}/u.test(text);
  for (const { segment, isWordLike } of segmenterOf(language).segment(text.normalize('NFC'))) {
    if (!isWordLike) continue;
    const isAbbreviation = hasLowerCase && ABBREVIATION.test(segment);
    if (segment.length >= SHORTEST_WORD || SHORT_WORD.test(segment) || isAbbreviation)
      words.push(segment.toLocaleLowerCase(language));
  }
  return words;
}

function idleWords(language: string): ReadonlySet<string> {
  const own = LISTS[language.split('-')[0]!.toLowerCase()];
  return new Set([...listOf('eng'), ...(own === undefined ? [] : listOf(own))]);
}

function listOf(name: string): readonly string[] {
  const list = stopword[name];
  return Array.isArray(list) ? (list as string[]) : [];
}

const segmenters = new Map<string, Intl.Segmenter>();

function segmenterOf(language: string): Intl.Segmenter {
  const known = segmenters.get(language);
  if (known) return known;
  const made = new Intl.Segmenter(language, { granularity: 'word' });
  segmenters.set(language, made);
  return made;
}
