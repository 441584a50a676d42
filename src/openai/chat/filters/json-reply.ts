import { TextFilter } from './text-filter.ts';

/** Fields in which models put their answers. */
const NAMES = ['response', 'reply', 'answer', 'message', 'text', 'content', 'output', 'speech'];
const BEGINNING = new RegExp(
  String.raw`^\s*(?:\x60{3}(?:json)?\s*)?\{\s*(?:"role"\s*:\s*"\w{1,20}"\s*,\s*)?"(?:${NAMES.join('|')})"\s*:\s*"`,
  'iu',
);
/** Everything that a beginning consists of. */
const MAY_BEGIN = /^\s*(?:`{1,3}(?:j?s?o?n?)\s*|`{3}json\s*)?(?:\{[\s\w":,]*)?$/iu;
const MAX_BEGINNING = 80;
/** The next character of a string in JSON. */
const CHARACTER = /^(?:[^\\"]+|\\u[\dA-F]{4}|\\[^u])/iu;
/** The rest of the object, and of its code block. */
const REST = /^(?:"(?:[^"\\]|\\.)*"|[^"{}])*\}/su;
const REST_OF_BLOCK = /^(?:"(?:[^"\\]|\\.)*"|[^"{}])*\}\s*`{3}/su;
const MAX_REST = 2_000;

/**
 * Unwraps a reply that is an object in JSON, `{"response": "We are open."}`, because the model was trained on such answers. The text
 * may be split anywhere; words are passed on as they arrive.
 */
export class JsonReply extends TextFilter {
  /** `plain`: the text is passed on as it is. */
  #place: 'start' | 'string' | 'rest' | 'plain' = 'start';
  #rest = REST;

  override reset(): void {
    super.reset();
    this.#place = 'start';
  }

  protected override passed(complete: boolean): string {
    if (this.#place === 'start') this.#begin(complete);
    const words = this.#place === 'string' ? this.#string() : '';
    if (this.#place === 'rest') this.#skipRest();
    return this.#place === 'plain' ? words + this.held.take(this.held.text.length) : words;
  }

  #begin(complete: boolean): void {
    const { text } = this.held;
    const beginning = BEGINNING.exec(text);
    if (beginning) {
      this.remove(beginning[0].length);
      this.#place = 'string';
      this.#rest = beginning[0].includes('`') ? REST_OF_BLOCK : REST;
    } else if (complete || text.length > MAX_BEGINNING || !MAY_BEGIN.test(text)) this.#place = 'plain';
  }

  #string(): string {
    let words = '';
    for (let next = CHARACTER.exec(this.held.text); next; next = CHARACTER.exec(this.held.text))
      words += characterOf(this.held.take(next[0].length));
    if (!this.held.text.startsWith('"')) return words;
    this.held.take(1);
    this.#place = 'rest';
    return words;
  }

  /** What follows the object is passed on. */
  #skipRest(): void {
    const rest = this.#rest.exec(this.held.text);
    if (rest === null && this.held.text.length < MAX_REST) return;
    this.held.take(rest?.[0].length ?? this.held.text.length);
    this.#place = 'plain';
  }
}

function characterOf(written: string): string {
  if (!written.startsWith('\\')) return written;
  if (written.length > 2) return String.fromCharCode(Number.parseInt(written.slice(2), 16));
  return { n: '\n', t: '\t', r: '\r', b: '', f: '' }[written[1]!] ?? written[1]!;
}
