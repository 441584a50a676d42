import { SAMPLES_PER_MS } from '../../audio/telephone.ts';

/** A spoken sentence ends in silence: when this share was heard, all words were heard. */
const WHOLE = 0.97;
/**
 * The speaking time of a character, for speech that was cut before its length was known: that of slow voices, because no word may
 * count as heard that was not. A Chinese character is a syllable or two (4 to 5 a second in read Mandarin and Japanese).
 */
const MS_PER_CHARACTER = { letter: 90, kana: 150, han: 240, hangul: 200 } as const;
/** Marks speech that was cut. */
const CUT_MARK = ' —';

export interface CutText {
  readonly heard: string;
  readonly unheard: string;
}

/**
 * Cuts a text after the last heard word, by the share of its time. `totalSamples`: the length of the whole piece, undefined
 * while it was still being synthesised. Samples are at 8,000 Hz.
 */
export function cutText(
  text: string,
  heardSamples: number,
  totalSamples: number | undefined,
  sentSamples: number,
): CutText {
  const words = text.trim();
  if (heardSamples <= 0) return { heard: '', unheard: words };
  const total = totalSamples ?? Math.max(sentSamples, slowestMs(words) * SAMPLES_PER_MS);
  const share = heardSamples / Math.max(1, total);
  if (share >= WHOLE) return { heard: words, unheard: '' };
  const reached = share * words.length;
  let end = 0;
  for (const word of wordsOf(words)) {
    if (word.start + (word.end - word.start) / 2 > reached) break;
    end = word.end;
  }
  return { heard: words.slice(0, end), unheard: words.slice(end).trim() };
}

function slowestMs(text: string): number {
  let ms = 0;
  for (const character of text) {
    if (/\p{Script=Han}/u.test(character)) ms += MS_PER_CHARACTER.han;
    else if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(character)) ms += MS_PER_CHARACTER.kana;
    else if (/\p{Script=Hangul}/u.test(character)) ms += MS_PER_CHARACTER.hangul;
    else ms += MS_PER_CHARACTER.letter;
  }
  return ms;
}

interface Word {
  readonly start: number;
  readonly end: number;
}

const wordSegmenter = new Intl.Segmenter(undefined, { granularity: 'word' });
const graphemeSegmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * The words with the punctuation around them. Text with blanks is split at blanks; a part without blanks that has several words
 * (Japanese, Chinese, Thai, Tibetan) is split where `Intl.Segmenter` splits it, and in scripts that it has no dictionary for, at any
 * character.
 */
function* wordsOf(text: string): Generator<Word> {
  for (const { 0: part, index } of text.matchAll(/\S+/gu)) {
    if (!UNSPACED.test(part) && !UNDIVIDED.test(part)) {
      yield { start: index, end: index + part.length };
      continue;
    }
    let start = 0;
    for (const at of startsIn(part)) {
      if (at === start) continue;
      yield { start: index + start, end: index + at };
      start = at;
    }
    yield { start: index + start, end: index + part.length };
  }
}

/** Where words begin. Punctuation belongs to the word before it. */
function* startsIn(part: string): Generator<number> {
  for (const { segment, index, isWordLike } of wordSegmenter.segment(part)) {
    if (!isWordLike) continue;
    if (!UNDIVIDED.test(segment)) yield index;
    else for (const letter of graphemeSegmenter.segment(segment)) yield index + letter.index;
  }
}

/** Letters of scripts that put no blanks between words, and that no dictionary divides; Tibetan has marks between syllables. */
const UNDIVIDED =
  /[\p{Script=Bopomofo}\p{Script=Yi}\p{Script=Javanese}\p{Script=Balinese}\p{Script=Tibetan}\p{Script=Tai_Le}\p{Script=New_Tai_Lue}\p{Script=Tai_Tham}\p{Script=Tai_Viet}]/u;
/** Letters of scripts that put no blanks between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const UNSPACED_END = new RegExp(`(${UNSPACED.source}…*|[。！？、，；：」』】）])$`, 'u');
/** Between two sentences, Thai, Lao and Khmer have a blank. */
const BLANK_BETWEEN_SENTENCES = /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]$/u;

/** Joins consecutive sentences: with a blank, except in scripts that have none between sentences. */
export function joinSentences(sentences: readonly string[]): string {
  let joined = '';
  for (const sentence of sentences.filter((one) => one !== '')) {
    const isDense = UNSPACED_END.test(joined) && !BLANK_BETWEEN_SENTENCES.test(joined);
    joined += joined === '' || isDense ? sentence : ` ${sentence}`;
  }
  return joined;
}

/**
 * The text of consecutive pieces of one reply. Where a piece broke off and a later one was heard, the text has a dash; `unheard` has
 * what is missing.
 */
export function joinHeard(pieces: readonly CutText[]): CutText {
  const last = pieces.findLastIndex(({ heard }) => heard !== '');
  const heard = pieces.map((piece, index) =>
    piece.heard !== '' && piece.unheard !== '' && index < last ? `${piece.heard}${CUT_MARK}` : piece.heard,
  );
  return { heard: joinSentences(heard), unheard: joinSentences(pieces.map(({ unheard }) => unheard)) };
}

/** Marks a text as cut at its end. */
export function withCutMark(text: string): string {
  return text === '' ? '' : `${text}${CUT_MARK}`;
}
