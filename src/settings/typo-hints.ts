import { SETTING_TABLE } from './table.ts';

/** Shorter names are near too many others: HOST and POST, API_TOKEN and APP_TOKEN. */
const LEAST_ALIKE = 6;
const LEAST_FOR_ONE_SLIP = 9;
const LEAST_FOR_TWO_SLIPS = 14;
/** MS is no plural. */
const LEAST_PLURAL = 4;

const NAMES: readonly string[] = SETTING_TABLE.map(({ name }) => name);

/** The setting that a name which is none was probably meant to be. */
export function nearestSetting(name: string): string | undefined {
  const [letters, singular] = [lettersOf(name), singularOf(name)];
  if (singular.length < LEAST_ALIKE) return undefined;
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
  return words.map((word) => (word.length >= LEAST_PLURAL ? word.replace(/S$/u, '') : word)).join('');
}

/** A long name may be written with a slip or two. A number is no slip: it tells a second thing from the first. */
function isNear(one: string, other: string): boolean {
  const length = Math.min(one.length, other.length);
  const slips = length >= LEAST_FOR_TWO_SLIPS ? 2 : length >= LEAST_FOR_ONE_SLIP ? 1 : 0;
  if (slips === 0 || Math.abs(one.length - other.length) > slips) return false;
  return digits(one) === digits(other) && distance(one, other) <= slips;
}

function digits(name: string): string {
  return name.replace(/\D/gu, '');
}

/** How many letters are missing, extra, wrong or swapped with their neighbour (optimal string alignment). */
function distance(one: string, other: string): number {
  const rows = [Array.from({ length: other.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const wrong = one[i - 1] === other[j - 1] ? 0 : 1;
      let least = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + wrong);
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      if (swapped) least = Math.min(least, rows[i - 2]![j - 2]! + 1);
      row.push(least);
    }
    rows.push(row);
  }
  return rows[one.length]![other.length]!;
}
