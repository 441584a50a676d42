import damerauLevenshtein from 'damerau-levenshtein';
import { SETTING_TABLE } from './table.ts';

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
