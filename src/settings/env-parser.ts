/** One `NAME=value` of a settings file. */
export interface Definition {
  readonly name: string;
  readonly value: string;
  /** From 1. */
  readonly line: number;
  /** The comment after the value, with its `#`. */
  readonly comment?: string | undefined;
  /** Whether the comment begins right after the closing quotation mark. Undefined: the value is not quoted. */
  readonly commentFollowsQuote?: boolean;
}

/** A line that cannot be read. */
export interface LineProblem {
  readonly line: number;
  /** The end of a sentence that begins with file and line. It never contains the line, which may hold a key. */
  readonly problem: string;
}

export interface ParsedEnv {
  readonly definitions: readonly Definition[];
  readonly problems: readonly LineProblem[];
}

const EMPTY_OR_COMMENT = /[^\S\n]*(?:#[^\n]*)?(?:\n|$)/y;
/** dotenv and docker compose accept `NAME: value` too. */
const NAME = /[^\S\n]*(?:export[^\S\n]+)?([A-Za-z_][\w.-]*)(?:[^\S\n]*=|:(?=[^\S\n]))/y;
/** A quoted value may span lines. A backslash keeps a quotation mark of its own kind. */
const QUOTED = /[^\S\n]*(?:'((?:\\'|[^'])*)'|"((?:\\[^]|[^"\\])*)"|`([^`]*)`)/y;
const QUOTE = /[^\S\n]*['"`]/y;
const AFTER_QUOTED = /([^\S\n]*)(#[^\n]*)?(?:\n|$)/y;
const REST_OF_LINE = /([^\n]*)(?:\n|$)/y;
const ESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$' };

/**
 * Reads the text of a `.env` file as docker compose, python-dotenv and dotenv do where they agree: a `#` begins a comment
 * only after white space. `$` has no meaning.
 */
export function parseEnv(text: string): ParsedEnv {
  const scanner = new Scanner(text.replace(/\r\n?/g, '\n'));
  const definitions: Definition[] = [];
  const problems: LineProblem[] = [];
  while (!scanner.atEnd) {
    if (scanner.take(EMPTY_OR_COMMENT)) continue;
    const { line } = scanner;
    const read = readDefinition(scanner);
    if (typeof read === 'string') {
      problems.push({ line, problem: read });
      scanner.take(REST_OF_LINE);
    } else definitions.push({ ...read, line });
  }
  return { definitions, problems };
}

/** A definition, or what is wrong with it. */
function readDefinition(scanner: Scanner): Omit<Definition, 'line'> | string {
  const name = scanner.take(NAME)?.[1];
  if (name === undefined) return 'is not NAME=value; a comment begins with "#"';
  const quoted = scanner.take(QUOTED);
  if (!quoted)
    return scanner.sees(QUOTE) ? `${name} opens a quotation that does not end` : bare(name, scanner);
  const after = scanner.take(AFTER_QUOTED);
  if (!after) return `${name} has text after the closing quotation mark`;
  const [, single, double, backticks = ''] = quoted;
  const value = single?.replaceAll("\\'", "'") ?? double?.replace(/\\([nrt"\\$])/g, unescaped) ?? backticks;
  return { name, value, comment: after[2], commentFollowsQuote: after[1] === '' };
}

/** The part of a regular expression's match that `replace` passes. */
function unescaped(_: string, letter: string): string {
  return ESCAPED[letter]!;
}

function bare(name: string, scanner: Scanner): Omit<Definition, 'line'> {
  const written = scanner.take(REST_OF_LINE)?.[1] ?? '';
  const comment = /(?<=\s)#.*$/.exec(written);
  return { name, value: written.slice(0, comment?.index).trim(), comment: comment?.[0] };
}

/** Takes matches of sticky expressions from a text, and counts lines. */
class Scanner {
  line = 1;
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  sees(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at;
    return expression.exec(this.#text);
  }

  take(expression: RegExp): RegExpExecArray | null {
    const match = this.sees(expression);
    if (!match) return null;
    this.#at += match[0].length;
    this.line += match[0].split('\n').length - 1;
    return match;
  }
}
