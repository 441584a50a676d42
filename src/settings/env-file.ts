import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ADMITTING, type Environment, isPrivate } from './check.ts';
import { type Definition, parseEnv } from './env-parser.ts';
import { SETTING_TABLE } from './table.ts';
import { directory, line, text, type ValueType } from './value-types.ts';

/** The contents of a settings file. With errors the values are incomplete. */
export interface EnvFile {
  readonly values: Environment;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** Settings whose value may contain spaces, so that a comment may be a part of the value. */
const TEXT_TYPES: ReadonlySet<ValueType<unknown>> = new Set<ValueType<unknown>>([text, line, directory]);
const TEXTS: ReadonlySet<string> = new Set(
  SETTING_TABLE.filter(({ setting }) => TEXT_TYPES.has(setting.type)).map(({ name }) => name),
);

/** Reads a settings file; a missing one is empty. */
export function readEnvFile(directory: string, file: string): EnvFile {
  try {
    return envFileFrom(file, readFileSync(path.join(directory, file)));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { values: {}, errors: [], warnings: [] };
    if (code === undefined) throw error;
    return { values: {}, errors: [`${file} cannot be read (${code}).`], warnings: [] };
  }
}

/** Each error and each warning is a sentence that names file and line, and never contains a value. */
export function envFileFrom(file: string, bytes: Uint8Array): EnvFile {
  const decoded = decode(bytes);
  if ('problem' in decoded) return { values: {}, errors: [`${file}${decoded.problem}`], warnings: [] };
  const { definitions, problems } = parseEnv(decoded.text);
  const errors = problems.map(({ line, problem }) => `${file}, line ${line}: ${problem}.`);
  const warnings: string[] = [];
  for (const definition of definitions) {
    for (const sentence of [cutSentence(file, definition), doubtfulSentence(file, definition)])
      if (sentence !== undefined) (ADMITTING.has(definition.name) ? errors : warnings).push(sentence);
  }
  errors.push(...contradictions(file, definitions));
  const values = Object.fromEntries(definitions.map(({ name, value }) => [name, value]));
  return { values, errors, warnings };
}

/** Text in UTF-8, or in UTF-16 with a byte order mark, as Windows PowerShell writes it. */
function decode(bytes: Uint8Array): { text: string } | { problem: string } {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : isBigEndian(bytes) ? 'utf-16be' : 'utf-8';
  try {
    const decoded = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    const line = lineOf(decoded, '\0');
    return line === undefined
      ? { text: decoded }
      : { problem: `, line ${line}: contains a NUL character; save the file as UTF-8 text.` };
  } catch {
    if (encoding !== 'utf-8') return { problem: ' is not valid UTF-16; save it as UTF-8 text.' };
    // The replacement character may also be in the file; then it is in an earlier line, which is a hint too.
    const line = lineOf(new TextDecoder().decode(bytes), '\ufffd');
    return { problem: `, line ${line}: is not UTF-8; save the file as UTF-8 text.` };
  }
}

function isBigEndian(bytes: Uint8Array): boolean {
  return bytes[0] === 0xfe && bytes[1] === 0xff;
}

function lineOf(written: string, character: string): number | undefined {
  const at = written.indexOf(character);
  return at < 0 ? undefined : written.slice(0, at).split(/\r\n?|\n/).length;
}

/** Quotation marks of a word processor, and invisible characters. */
const UNINTENDED = [
  [/^[“”„‟‘’«»]|[“”‘’«»]$/u, 'has typographic quotation marks; write it in straight ones, or in none'],
  [/[\u00ad\u200b-\u200f\u2028\u2029\u2060\ufeff\u0085]/u, 'contains an invisible character; type it anew'],
  [
    /\$\{\w+\}/u,
    'contains ${…}, which offhook does not replace; write the value itself, or put it in quotes if it is meant',
  ],
] as const;

/** A value that is probably not what was meant. */
function doubtfulSentence(
  file: string,
  { name, value, line, commentFollowsQuote }: Definition,
): string | undefined {
  const isQuoted = commentFollowsQuote !== undefined;
  if (TEXTS.has(name) || isQuoted) return undefined;
  const found = UNINTENDED.find(([pattern]) => pattern.test(value));
  return found && `${file}, line ${line}: the value of ${name} ${found[1]}.`;
}

/** A comment that may be a part of the value. */
function cutSentence(
  file: string,
  { name, line, comment, commentFollowsQuote }: Definition,
): string | undefined {
  if (comment === undefined) return undefined;
  const isQuoted = commentFollowsQuote !== undefined;
  const doubtful = isQuoted
    ? commentFollowsQuote
    : isPrivate(name) || (TEXTS.has(name) && /^#\S/.test(comment));
  if (!doubtful) return undefined;
  return `${file}, line ${line}: the value of ${name} ends before "#"; if the rest belongs to it, put all of it in quotes, otherwise put the comment on a line of its own.`;
}

/** Names with two different values: tools that read the file differ in which one counts. */
function contradictions(file: string, definitions: readonly Definition[]): string[] {
  const first = new Map<string, Definition>();
  return definitions.flatMap((definition) => {
    const { name, value, line } = definition;
    const earlier = first.get(name);
    if (!earlier) first.set(name, definition);
    if (!earlier || earlier.value === value) return [];
    return [
      `${file}, line ${line}: ${name} has another value than on line ${earlier.line}; keep one of them.`,
    ];
  });
}
