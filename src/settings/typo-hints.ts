import damerauLevenshtein from 'damerau-levenshtein';
import { isIP } from 'node:net';
import { SETTING_TABLE } from './table.ts';
import type { ValueType } from './value-types.ts';

/** Shorter names are similar to too many others: HOST and POST, API_TOKEN and APP_TOKEN. */
const MIN_LENGTH = 6;
const MIN_LENGTH_FOR_ONE_TYPO = 9;
const MIN_LENGTH_FOR_TWO_TYPOS = 14;
/** Shorter words such as MS are not plurals. */
const MIN_PLURAL_LENGTH = 4;

const NAMES: readonly string[] = SETTING_TABLE.map(({ name }) => name);

/** The setting that an unknown name was probably meant to be. */
export function nearestSetting(name: string): string | undefined {
  const [letters, singular] = [lettersOf(name), singularOf(name)];
  if (singular.length < MIN_LENGTH) return undefined;
  return (
    NAMES.find((setting) => singularOf(setting) === singular) ??
    NAMES.find((setting) => isNear(letters, lettersOf(setting)))
  );
}

/** Shorter beginnings are those of many words. */
const MIN_BEGINNING = 2;
const MIN_WORD_FOR_TWO_TYPOS = 6;

/** The scheme of an address: one of another kind, or without a sign. */
const SCHEME = /^(?:https?|wss?)(?::\/?\/?|\/\/)/iu;

/** The value that a refused one was probably meant to be: an accepted word, or the address with its scheme. */
export function probableValue({ words, schema }: ValueType<unknown>, value: string): string | undefined {
  if (words) return nearestWords(value, words);
  const scheme = SCHEME.exec(value)?.[0] ?? '';
  const rest = value.slice(scheme.length);
  if (rest.includes('://')) return undefined;
  const schemes = schemesFor(scheme.toLowerCase(), rest);
  return schemes
    .map((one) => `${one}://${rest}`)
    .find((address) => URL.canParse(address) && schema.safeParse(address).success);
}

function schemesFor(written: string, rest: string): string[] {
  const host = /^[^/:?#]*/u.exec(rest)?.[0] ?? '';
  const isLocal = isIP(host) > 0 || !host.includes('.');
  const isSecure = written === '' ? !isLocal : /^(?:https|wss)/u.test(written);
  return isSecure ? ['https', 'wss'] : ['http', 'ws'];
}

/** The accepted words that a value was probably meant to be, if each misspelt word of it is near exactly one of them. */
function nearestWords(value: string, accepted: readonly string[]): string | undefined {
  const parts = value.split(',').map((part) => part.trim().toLowerCase());
  const unknown = parts.filter((part) => !accepted.includes(part));
  const nearest = unknown.map((part) => nearestWord(part, accepted)).filter((word) => word !== undefined);
  return nearest.length === 0 ? undefined : nearest.join(', ');
}

/** A word that begins as the value does comes first, then one with few typos. Undefined if several are equally near. */
function nearestWord(value: string, accepted: readonly string[]): string | undefined {
  const part = value.replace(/^\W+|\W+$/gu, '');
  if (accepted.includes(part)) return part;
  const begun = accepted.filter((word) => isBeginning(part, word) || isBeginning(word, part));
  if (begun.length === 1) return begun[0];
  const counted = accepted
    .map((word) => ({ word, typos: damerauLevenshtein(part, word).steps }))
    .filter(({ word, typos }) => typos <= allowedTypos(word) && digits(word) === digits(part))
    .sort((one, other) => one.typos - other.typos);
  return counted[0]?.typos === counted[1]?.typos ? undefined : counted[0]?.word;
}

/** `y` at an end is written `i` before another ending: `reply`, `replies`. */
function isBeginning(beginning: string, word: string): boolean {
  const stem = beginning.replace(/y$/u, '');
  return beginning.length >= MIN_BEGINNING && stem.length >= MIN_BEGINNING && word.startsWith(stem);
}

function allowedTypos(word: string): number {
  return word.length >= MIN_WORD_FOR_TWO_TYPOS ? 2 : word.length > 2 ? 1 : 0;
}

/** A name without case and underscores. */
function lettersOf(name: string): string {
  return name.toUpperCase().replaceAll(/[_-]/gu, '');
}

function singularOf(name: string): string {
  const words = name.toUpperCase().split(/[_-]/u);
  return words.map((word) => (word.length >= MIN_PLURAL_LENGTH ? word.replace(/S$/u, '') : word)).join('');
}

/**
 * Whether two names differ by few typos: missing, extra, wrong or swapped letters. A different number is not a typo: it
 * distinguishes a second thing from the first.
 */
function isNear(one: string, other: string): boolean {
  const length = Math.min(one.length, other.length);
  const typos = length >= MIN_LENGTH_FOR_TWO_TYPOS ? 2 : length >= MIN_LENGTH_FOR_ONE_TYPO ? 1 : 0;
  if (typos === 0 || Math.abs(one.length - other.length) > typos) return false;
  return digits(one) === digits(other) && damerauLevenshtein(one, other).steps <= typos;
}

function digits(name: string): string {
  return name.replace(/\D/gu, '');
}
