import { joinSentences } from '../../playback/heard-text.ts';
import { type FalseEnd, SentenceLanguage } from './sentence-language.ts';

/** A sentence shorter than this is spoken together with the next one. */
const MIN_CHARACTERS = 8;
/** A longer sentence is split at its last comma, or else at its last blank. */
const MAX_CHARACTERS = 280;
/** Scripts without marks at the end of sentences are split at the first blank after this many characters. */
const UNMARKED_CHARACTERS = 40;

const TERMINATOR = /[\p{Sentence_Terminal}…;]/u;
const FULL_STOP_END = /[.．…․﹒]["'”’»›)\]}“]*\s*$/u;
const ENDED = /\p{Sentence_Terminal}["'”’»›)\]}“」』】]*\s$/u;
/** What decides about a full stop before it. */
const DECISIVE = /[\p{L}\p{Sentence_Terminal}]/u;
const SOMETHING_TO_SAY = /[\p{L}\p{N}]/u;
/** Dashes that mark cut speech, and an ellipsis after the end of the sentence. */
const CUT_MARKS = /(?:\s+[—–―-]+)+\s*$|^[—–―]+$|(?<=[.!?…。！？])\s+[.…]+\s*$/u;
const LEADING_MARKS = /^(?:[-–—•>|#*]+\s+)+/u;
const COMPLETE = /[\p{Sentence_Terminal}…:]["'”’»›)\]}“」』】]*$/u;
/** French quotation marks have blanks inside; the last sentence ends behind the closing one. */
const OPEN_QUOTATION = /[«‹]\s[^»›]*$/u;
const CLOSED_QUOTATION = /[»›][^«‹]*$/u;
const POLITE_END = /(?:ครับ|ค่ะ|คะ|จ้ะ|จ้า)ๆ? $/u;
const UNMARKED = /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

/**
 * Splits streaming text into sentences, so that one can be spoken while the next is written. A sentence is returned as soon as its
 * end is certain. The ends are those of `Intl.Segmenter`, without those after abbreviations and ordinal numbers.
 */
export class SentenceSplitter {
  readonly #language: SentenceLanguage;
  #rest = '';
  /** A sentence before the rest opened a French quotation. */
  #isQuoted = false;
  /** Short sentences of lines before this one; they are spoken with the next sentence. */
  #short = '';

  constructor(language?: string) {
    this.#language = SentenceLanguage.of(language);
  }

  add(text: string): string[] {
    const sentences: string[] = [];
    for (const character of text) {
      if (/[\n\r\u2028\u2029]/u.test(character)) {
        sentences.push(...this.endLine('plain'));
        continue;
      }
      this.#rest += character;
      sentences.push(...this.#takeSentences(false));
    }
    return sentences;
  }

  /** A line ends, and with it a sentence. The sentence of an `item` gets a full stop if it has none. */
  endLine(kind: 'plain' | 'item'): string[] {
    const sentences = this.#takeSentences(true);
    const last = spoken(this.#rest);
    this.#rest = '';
    this.#isQuoted = false;
    if (last !== '') this.#short = joinSentences([this.#short, kind === 'item' ? withFullStop(last) : last]);
    return this.#short.length < MIN_CHARACTERS ? sentences : [...sentences, ...this.#takeShort()];
  }

  /** Returns the rest at the end of the text. */
  flush(): string[] {
    return [...this.endLine('plain'), ...this.#takeShort()];
  }

  #takeShort(): string[] {
    const sentence = this.#short;
    this.#short = '';
    return sentence === '' ? [] : [sentence];
  }

  #takeSentences(ended: boolean): string[] {
    const sentences: string[] = [];
    for (let end = this.#nextEnd(ended); end > 0; end = this.#nextEnd(ended)) {
      const sentence = joinSentences([this.#short, spoken(this.#rest.slice(0, end))]);
      this.#isQuoted = isOpen(this.#rest.slice(0, end), this.#isQuoted);
      this.#rest = this.#rest.slice(end);
      this.#short = '';
      if (sentence !== '') sentences.push(sentence);
    }
    return sentences;
  }

  /** The position after the next sentence; 0 if no end is certain. */
  #nextEnd(ended: boolean): number {
    for (const end of endsOf(this.#rest, this.#isQuoted)) {
      const head = this.#rest.slice(0, end);
      if (joinSentences([this.#short, head.trim()]).length < MIN_CHARACTERS) continue;
      const falseEnd = this.#isFalse(head, this.#rest.slice(end), ended);
      if (falseEnd === 'unknown') break;
      if (falseEnd === 'no') return end;
    }
    return this.#rest.length + this.#short.length > MAX_CHARACTERS
      ? forcedEnd(this.#rest, MAX_CHARACTERS - this.#short.length)
      : 0;
  }

  #isFalse(head: string, next: string, ended: boolean): FalseEnd {
    if (!FULL_STOP_END.test(head)) return 'no';
    if (!ended && !DECISIVE.test(next)) return this.#language.isPlainEnd(head.trimEnd()) ? 'no' : 'unknown';
    return this.#language.isFalseEnd(head.trimEnd(), next, ended);
  }
}

/** Whether a French quotation is open behind a text. */
function isOpen(text: string, before: boolean): boolean {
  return OPEN_QUOTATION.test(text) || (before && !CLOSED_QUOTATION.test(text));
}

/** The possible ends of sentences before the end of the text. `quoted`: it begins within a French quotation. */
function* endsOf(text: string, quoted: boolean): Generator<number> {
  if (UNMARKED.test(text)) {
    for (const { index } of text.matchAll(/ (?=\S)/gu)) {
      const head = text.slice(0, index + 1);
      if (!UNMARKED.test(head.at(-2) ?? '') || !UNMARKED.test(text[index + 1]!)) continue;
      if (POLITE_END.test(head) || index >= UNMARKED_CHARACTERS) yield index + 1;
    }
  }
  if (!TERMINATOR.test(text)) return;
  // The segmenter does not know the ellipsis as one character, and takes the Greek question mark for a semicolon.
  const segmentable = text.replaceAll('…', '.').replace(/(?<=\p{Script=Greek});/gu, '?');
  for (const { segment, index } of segmenter.segment(segmentable)) {
    const end = index + segment.length;
    if (isOpen(text.slice(0, end), quoted)) {
      const close = /^\s*[»›]\s*/u.exec(text.slice(end))?.[0].length ?? 0;
      if (end + close === text.length) continue;
      if (close > 0) {
        yield end + close;
        continue;
      }
    }
    // An opening quotation mark belongs to the next sentence.
    if (end < text.length)
      yield end - (/(?<=\p{Sentence_Terminal})[\p{Ps}\p{Pi}]+$/u.exec(segment)?.[0].length ?? 0);
    else if (ENDED.test(segment)) yield end;
  }
}

/** The last comma, or else the last blank, or else the last whole character before `limit`. */
function forcedEnd(text: string, limit: number): number {
  const head = text.slice(0, limit);
  const comma = Math.max(
    head.lastIndexOf(', '),
    head.lastIndexOf('; '),
    ...[...'、，；،؛'].map((sign) => head.lastIndexOf(sign)),
  );
  if (comma > MIN_CHARACTERS) return comma + 1;
  const blank = head.lastIndexOf(' ');
  if (blank > 0) return blank;
  return /[\ud800-\udbff]$/.test(head) ? limit - 1 : limit;
}

/** One line, without a cut mark at its end; empty if it holds nothing to say. */
function spoken(text: string): string {
  const line = text.replace(/\s+/gu, ' ').replace(CUT_MARKS, '').replace(LEADING_MARKS, '').trim();
  return SOMETHING_TO_SAY.test(line) ? line.normalize('NFC') : '';
}

function withFullStop(sentence: string): string {
  const words = sentence.replace(/[\s,;،؛、；，]+$/u, '');
  if (COMPLETE.test(words)) return words;
  const letters = words.match(/\p{L}/gu) ?? [];
  const last = letters.at(-1) ?? '';
  if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(last)) return `${words}。`;
  if (/\p{Script=Devanagari}/u.test(last)) return `${words}।`;
  return UNMARKED.test(last) ? words : `${words}.`;
}
