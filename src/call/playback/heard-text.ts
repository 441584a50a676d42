import { SAMPLES_PER_MS } from '../../audio/telephone.ts';
import { characterAtSample, sampleAtCharacter, type TextInAudio } from './text-anchors.ts';
import type { TextAnchor } from '../../events/call-events.ts';

/** A spoken sentence ends in silence: when this share was heard, all words were heard. */
const WHOLE = 0.97;
/** The longest part that may be missing then: a whole response of a model may be minutes long. */
const MOST_MISSING_SAMPLES = 500 * SAMPLES_PER_MS;
/**
 * The speaking time of a character, for speech that was cut before its length was known: that of slow voices, because no word may
 * count as heard that was not. A Chinese character is a syllable or two (4 to 5 a second in read Mandarin and Japanese).
 */
const MS_PER_CHARACTER = { letter: 90, kana: 150, han: 240, hangul: 200 } as const;
/** Marks speech that was cut. */
export const CUT_MARK = ' —';

export interface CutText {
  readonly heard: string;
  readonly unheard: string;
}

/** What was heard of one piece of a reply. */
export interface CutPiece extends CutText {
  readonly piece: number;
  readonly text: string;
  /** The piece whose last words are those of this one: the reply continues after an interruption. */
  readonly continues?: number | undefined;
}

/** The rest of a piece from the word at which it was cut. */
export interface RestOfPiece {
  readonly text: string;
  /** Where the rest begins in the piece's text, without blanks at its start. */
  readonly fromCharacter: number;
  /** Where the rest begins in the piece's audio, by the share of the text before it. */
  readonly fromSample: number;
}

/**
 * Cuts a text after the last heard word, by the share of its time. `totalSamples`: the length of the whole piece, undefined
 * while it was still being synthesised. `anchors`: of its sentences. Samples are at 8,000 Hz.
 */
export function cutText(
  text: string,
  heardSamples: number,
  totalSamples: number | undefined,
  sentSamples: number,
  anchors?: readonly TextAnchor[],
): CutText {
  const words = text.trim();
  if (heardSamples <= 0) return { heard: '', unheard: words };
  const total = totalSamples ?? assumedSamples(words, sentSamples);
  if (isWhole(heardSamples, total)) return { heard: words, unheard: '' };
  const reached = characterAtSample(heardSamples, textInAudio(words, total, anchors));
  let end = 0;
  for (const word of wordsOf(words)) {
    if (word.start + (word.end - word.start) / 2 > reached) break;
    end = word.end;
  }
  return { heard: words.slice(0, end), unheard: words.slice(end).trim() };
}

/**
 * The rest of a text from the word that was being spoken when it was cut, of speech without words from that sample; undefined if all was
 * heard. Arguments as for `cutText`.
 */
export function restOfText(
  text: string,
  heardSamples: number,
  totalSamples: number | undefined,
  sentSamples: number,
  anchors?: readonly TextAnchor[],
): RestOfPiece | undefined {
  const words = text.trim();
  const total = totalSamples ?? assumedSamples(words, sentSamples);
  if (isWhole(heardSamples, total)) return undefined;
  if (words === '') return { text: '', fromCharacter: 0, fromSample: heardSamples };
  const place = textInAudio(words, total, anchors);
  const reached = characterAtSample(heardSamples, place);
  let start = 0;
  for (const word of wordsOf(words)) if (word.start <= reached) start = word.start;
  return {
    text: words.slice(start),
    fromCharacter: start,
    fromSample: Math.round(sampleAtCharacter(start, place)),
  };
}

function textInAudio(words: string, samples: number, anchors: readonly TextAnchor[] = []): TextInAudio {
  return { characters: words.length, samples, anchors };
}

/** Whether all words of a piece were heard. */
export function isWhole(heardSamples: number, totalSamples: number): boolean {
  const missing = totalSamples - heardSamples;
  return heardSamples / Math.max(1, totalSamples) >= WHOLE && missing <= MOST_MISSING_SAMPLES;
}

/** The length of speech that is still being synthesised. */
function assumedSamples(words: string, sentSamples: number): number {
  return Math.max(sentSamples, slowestMs(words) * SAMPLES_PER_MS);
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
 * what is missing. A piece that was continued has no dash, and the words that were repeated are there once.
 */
export function joinHeard(spoken: readonly (CutPiece | CutText)[]): CutText {
  const pieces = withContinuations(spoken);
  const last = pieces.findLastIndex(({ heard }) => heard !== '');
  const heard = pieces.map((piece, index) =>
    piece.heard !== '' && piece.unheard !== '' && index < last ? `${piece.heard}${CUT_MARK}` : piece.heard,
  );
  return { heard: joinSentences(heard), unheard: joinSentences(pieces.map(({ unheard }) => unheard)) };
}

/** Joins each piece with those that continue it, in the place of the first. */
function withContinuations(spoken: readonly (CutPiece | CutText)[]): CutText[] {
  const chains = new Map<number, [CutPiece, ...CutPiece[]]>();
  const joined: (() => CutText)[] = [];
  for (const one of spoken) {
    if (!('piece' in one)) {
      joined.push(() => one);
      continue;
    }
    const before = one.continues === undefined ? undefined : chains.get(one.continues);
    const chain = before ?? [one];
    if (before) before.push(one);
    else joined.push(() => joinContinued(chain));
    chains.set(one.piece, chain);
  }
  return joined.map((each) => each());
}

/** One piece and those that continue it, each with the last words of the one before. */
function joinContinued(chain: readonly [CutPiece, ...CutPiece[]]): CutText {
  const [first] = chain;
  const index = chain.findLastIndex(({ heard }) => heard !== '');
  const { heard, unheard, text } = chain[index] ?? first;
  const [whole, rest] = [first.text.trim(), text.trim()];
  if (whole.endsWith(rest)) {
    const before = heard === '' ? '' : whole.slice(0, whole.length - rest.length);
    return { heard: before + heard, unheard };
  }
  // The voice spoke other words than the text.
  return { heard: joinSentences(chain.slice(0, index + 1).map((one) => one.heard)), unheard };
}

/** Marks a text as cut at its end. */
export function withCutMark(text: string): string {
  return text === '' ? '' : `${text}${CUT_MARK}`;
}
