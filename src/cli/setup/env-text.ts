import { type Definition, parseEnv } from '../../settings/env-parser.ts';

const HEADING = '# Set by `offhook setup`.';
/** Characters that no reader of `.env` files gives a meaning, anywhere in a value. */
const BARE = /^[\w@%+,.:/=~-]+$/;
const CONTROL = /\p{Cc}/u;
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  $: '\\$',
};

interface Line {
  readonly text: string;
  /** `\n`, `\r\n`, `\r`, or nothing at the end of the file. */
  readonly end: string;
}

/**
 * The text of a settings file with other values. Every other line, comments, order and line ends stay. A new name goes
 * below its commented example, or to the end. Throws if the result would be read differently.
 */
export function withValues(text: string, changes: ReadonlyMap<string, string>): string {
  const lines = linesOf(text);
  const definitions = parseEnv(text).definitions;
  const eol = lines.find(({ end }) => end !== '')?.end ?? '\n';
  const missing = new Map(changes);
  // From the last one on, so that earlier line numbers stay right.
  for (const definition of [...definitions].reverse()) {
    const value = changes.get(definition.name);
    if (value === undefined) continue;
    missing.delete(definition.name);
    if (definition.value !== value) replace(lines, definition, value);
  }
  for (const [name, value] of missing) insert(lines, name, value, eol);
  const result = lines.map((line) => line.text + line.end).join('');
  assertReadBack(definitions, changes, result);
  return result;
}

/** The value as `parseEnv`, dotenv and docker compose read it; quoted only where that is needed. */
export function quoted(value: string): string {
  if (value === '' || BARE.test(value)) return value;
  // In single quotes nothing has a meaning, `$` in docker compose neither.
  if (!/['\\]/.test(value) && !CONTROL.test(value)) return `'${value}'`;
  return `"${value.replace(/[\\"\n\r\t$]/g, (character) => ESCAPES[character]!)}"`;
}

function linesOf(text: string): Line[] {
  return [...text.matchAll(/([^\r\n]*)(\r\n|\r|\n|$)/g)]
    .map(([, content = '', end = '']) => ({ text: content, end }))
    .filter((line, place, all) => place < all.length - 1 || line.text !== '');
}

function replace(lines: Line[], { name, line, comment }: Definition, value: string): void {
  const first = line - 1;
  const count = linesOfDefinition(lines, first);
  const { end } = lines[first + count - 1]!;
  const before = /^\s*(?:export\s+)?/.exec(lines[first]!.text)?.[0] ?? '';
  // A bare value before a comment could be taken for a part of a longer one.
  const written = comment === undefined ? quoted(value) : `${inQuotes(value)} ${comment}`;
  lines.splice(first, count, { text: `${before}${name}=${written}`, end });
}

function inQuotes(value: string): string {
  const written = quoted(value);
  return written === value ? `'${value}'` : written;
}

/** A quoted value may span lines: the fewest lines that are a definition. */
function linesOfDefinition(lines: readonly Line[], first: number): number {
  for (let count = 1; first + count <= lines.length; count++) {
    const part = lines.slice(first, first + count).map(({ text }) => text);
    if (parseEnv(part.join('\n')).problems.length === 0) return count;
  }
  return 1;
}

function insert(lines: Line[], name: string, value: string, eol: string): void {
  const line = { text: `${name}=${quoted(value)}`, end: eol };
  const example = lines.findIndex(({ text }) => new RegExp(`^#\\s*${name}=`).test(text));
  const last = lines.at(-1);
  if (last?.end === '') lines[lines.length - 1] = { text: last.text, end: eol };
  if (example >= 0 && !isInsideValue(lines, example)) {
    lines.splice(example + 1, 0, line);
    return;
  }
  if (!lines.some(({ text }) => text === HEADING)) {
    if (lines.length > 0) lines.push({ text: '', end: eol });
    lines.push({ text: HEADING, end: eol });
  }
  lines.push(line);
}

/** Whether a line that looks like a comment belongs to a value of several lines. */
function isInsideValue(lines: readonly Line[], at: number): boolean {
  const before = lines.slice(0, at).map(({ text }) => text);
  const count = (text: readonly string[]): number => parseEnv(text.join('\n')).problems.length;
  return count(before) > count(lines.map(({ text }) => text));
}

function assertReadBack(
  before: readonly Definition[],
  changes: ReadonlyMap<string, string>,
  result: string,
): void {
  const expected = new Map([...before.map(({ name, value }) => [name, value] as const), ...changes]);
  const read = new Map(parseEnv(result).definitions.map(({ name, value }) => [name, value]));
  for (const [name, value] of expected)
    if (read.get(name) !== value)
      throw new Error(`${name} cannot be written to .env in a way that is read back`);
}
