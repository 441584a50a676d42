import { isBlank, isWord, type LineKind, type ReadingContext } from './reading.ts';

/** Receives the words to be spoken. */
export interface SpokenSink {
  words(text: string): void;
  /** A line ends. `item`: an entry of a list, a heading or a row of a table, which is a sentence of its own. */
  lineEnd(kind: 'plain' | 'item'): void;
}

const SENTENCE_END = /[\p{Sentence_Terminal}…"'”’»›)\]]/u;

/** Writes one line of spoken words at a time, with one blank where blanks and unspoken characters were. */
export class LineWriter {
  readonly #sink: SpokenSink;
  #kind: LineKind = 'plain';
  #spoken = '';
  #openParentheses = 0;
  #blank = false;
  #gap = false;
  #blankPassed = false;

  constructor(sink: SpokenSink) {
    this.#sink = sink;
  }

  set kind(kind: LineKind) {
    this.#kind = kind;
  }

  /** True if nothing of the line is spoken yet. */
  get isEmpty(): boolean {
    return this.#spoken === '';
  }

  context(before: string): Omit<ReadingContext, 'isInFence'> {
    return { before, spoken: this.#spoken, openParentheses: this.#openParentheses, line: this.#kind };
  }

  write(text: string): void {
    for (const character of text) {
      if (!isBlank(character)) this.#put(character);
      else if (SENTENCE_END.test(this.#spoken)) this.#passBlank();
      else this.#blank = true;
    }
  }

  /** Characters that are not spoken were here. */
  gap(): void {
    this.#gap = true;
  }

  /** Two phrases of one line meet here. */
  pause(): void {
    this.#blank = false;
    if (isWord(this.#spoken) || /[)\]"”’%°€$]/u.test(this.#spoken)) this.#put(',');
    this.#blank = true;
  }

  endLine(): void {
    this.#sink.lineEnd(this.#kind === 'plain' ? 'plain' : 'item');
    this.#kind = 'plain';
    this.#spoken = '';
    this.#openParentheses = 0;
    this.#blankPassed = false;
    this.#blank = false;
    this.#gap = false;
  }

  #put(character: string): void {
    if (character === '(') this.#openParentheses += 1;
    if (character === ')' && this.#openParentheses > 0) this.#openParentheses -= 1;
    this.#sink.words(this.#needsBlank(character) ? ` ${character}` : character);
    this.#spoken = character;
    this.#blankPassed = false;
    this.#blank = false;
    this.#gap = false;
  }

  /** After a full stop the blank is passed on at once: the sentence may end with it. */
  #passBlank(): void {
    if (!this.#blankPassed) this.#sink.words(' ');
    this.#blankPassed = true;
  }

  #needsBlank(next: string): boolean {
    if (this.#spoken === '' || this.#blankPassed) return false;
    if (this.#gap && /[.,!?;:…)\]]/u.test(next)) return false;
    return (
      this.#blank ||
      (this.#gap && isWord(next) && /[\p{L}\p{M}\p{N}\p{Sentence_Terminal}]/u.test(this.#spoken))
    );
  }
}
