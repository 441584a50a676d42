import { readBlockStart } from './block-start.ts';
import { readEntity } from './character-references.ts';
import { isLineEnd, readCharacter } from './characters.ts';
import { readDollar, readEscape, readFormula, readHeart } from './formulas.ts';
import { readTag } from './html.ts';
import { LineWriter, type SpokenSink } from './line-writer.ts';
import { readAddress, readBracket, readLenticular, readPrivateCitation } from './links.ts';
import { MAX_HELD, type Reading, type Rule } from './reading.ts';
import {
  readAsterisks,
  readBackslash,
  readBackticks,
  readBar,
  readColon,
  readDecoration,
  readEquals,
  readFace,
  readGreater,
  readTildes,
  readUnderscores,
} from './signs.ts';

/** The rules for markup that begins with a character, in order. */
const RULES: Readonly<Record<string, readonly Rule[]>> = {
  '<': [readHeart, readTag],
  '[': [readBracket],
  '!': [readBracket],
  '【': [readLenticular],
  '\ue200': [readPrivateCitation],
  '*': [readAsterisks],
  _: [readUnderscores],
  '`': [readBackticks],
  '~': [readTildes],
  '=': [readColon, readEquals],
  '-': [readDecoration],
  '#': [readDecoration],
  '|': [readBar],
  '>': [readGreater],
  '\\': [readFormula, readBackslash],
  $: [readDollar],
  '\u001b': [readEscape],
  ':': [readColon],
  ';': [readColon],
  '^': [readFace],
  x: [readFace],
  '¯': [readFace],
};
const ADDRESS_START = /[hfwmt]/iu;
const FENCE = /^(?:`{3}|~{3})/u;
const PLAIN = /[\p{L}\p{M}\p{N}]/u;

/**
 * Reads a streaming text with Markdown, HTML, emoji and addresses, and passes on the words to be spoken. It reads character by
 * character, so the result is the same for every division of the stream.
 */
export class MarkupReader {
  readonly #writer: LineWriter;
  readonly #listNumbers = new Set<number>();
  /** The start of a character reference. */
  #reference = '';
  /** Characters whose meaning depends on what follows. */
  #held = '';
  /** The character before them. */
  #before = '\n';
  #atLineStart = true;
  #isInFence = false;

  constructor(sink: SpokenSink) {
    this.#writer = new LineWriter(sink);
  }

  add(text: string): void {
    for (let index = 0; index < text.length; index += 1) {
      this.#reference += text[index]!;
      this.#readReference(false);
    }
  }

  /** The text is complete. */
  flush(): void {
    this.#readReference(true);
    this.#held += '\n';
    this.#read(true);
    this.#before = '\n';
    this.#listNumbers.clear();
    this.#isInFence = false;
  }

  /** What character references stand for is read as if the model had written it. */
  #readReference(mustDecide: boolean): void {
    while (this.#reference !== '') {
      const reading = this.#reference.startsWith('&') ? readEntity(this.#reference) : undefined;
      if (reading === 'more' && !mustDecide) return;
      if (reading === 'more' || reading === undefined) {
        this.#held += this.#reference[0]!;
        this.#reference = this.#reference.slice(1);
        // Otherwise the second half of the pair follows.
        if (!/[\ud800-\udbff]$/.test(this.#held)) this.#read(false);
      } else this.#reference = reading.replacement + this.#reference.slice(reading.length);
    }
  }

  #read(ended: boolean): void {
    while (this.#held !== '') {
      const mustDecide = ended || this.#held.length > MAX_HELD;
      if (!(this.#atLineStart ? this.#readLineStart(mustDecide) : this.#readInLine(mustDecide))) return;
    }
  }

  /** Returns false if more characters are needed. */
  #readLineStart(mustDecide: boolean): boolean {
    const start = readBlockStart(this.#held, {
      numbers: this.#listNumbers,
      isInFence: this.#isInFence,
    });
    if (start === 'more' && !mustDecide) return false;
    if (start === 'more' || start === undefined) {
      this.#atLineStart = false;
      return true;
    }
    if (start.kind) this.#writer.kind = start.kind;
    if (start.number !== undefined) this.#listNumbers.add(start.number);
    this.#held = this.#held.slice(this.#passFence(start.length));
    return true;
  }

  #readInLine(mustDecide: boolean): boolean {
    if (isLineEnd(this.#held[0]!)) {
      this.#skip(1);
      this.#writer.endLine();
      this.#before = '\n';
      this.#atLineStart = true;
      return true;
    }
    const context = { ...this.#writer.context(this.#before), isInFence: this.#isInFence };
    for (const rule of rulesFor(this.#held)) {
      const reading = rule(this.#held, context);
      if (reading === 'more' && !mustDecide) return false;
      if (reading === 'more' || reading === undefined) continue;
      this.#apply(reading);
      return true;
    }
    this.#writer.write(this.#skip(this.#held.codePointAt(0)! > 0xffff ? 2 : 1));
    return true;
  }

  #apply(reading: Reading): void {
    if (reading.kind === 'reread') this.#held = reading.text + this.#held.slice(reading.length);
    else this.#skip(reading.length);
    if (reading.kind === 'say') this.#writer.write(reading.text);
    else if (reading.kind === 'gap') this.#writer.gap();
    else if (reading.kind === 'pause') this.#writer.pause();
    // The mark of a list may stand inside emphasis.
    this.#atLineStart = this.#writer.isEmpty;
  }

  /** A fence begins a block of code, or ends one. */
  #passFence(length: number): number {
    if (length >= 3 && FENCE.test(this.#held)) this.#isInFence = !this.#isInFence;
    return length;
  }

  /** Takes characters off the held ones. */
  #skip(length: number): string {
    this.#passFence(length);
    const read = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    this.#before = String.fromCodePoint(
      read.codePointAt(read.length - (/[\udc00-\udfff]$/.test(read) ? 2 : 1)) ?? 10,
    );
    return read;
  }
}

function rulesFor(text: string): readonly Rule[] {
  const first = text[0]!;
  const own = RULES[first];
  if (ADDRESS_START.test(first)) return [readAddress];
  if (own) return own;
  return first <= '~' ? (PLAIN.test(first) || first >= ' ' ? [] : [readCharacter]) : [readCharacter];
}
