import type { WrittenNumber } from './number-notation.ts';
import type { Gender } from './number-words.ts';

/** Signs after a number, as patterns, with the units of `Intl`; longer ones first. */
export const UNIT_SIGNS: ReadonlyMap<string, string> = new Map([
  ['%', 'percent'],
  ['°C', 'celsius'],
  ['°F', 'fahrenheit'],
  ['°', 'degree'],
  ['km/h', 'kilometer-per-hour'],
  ['mph', 'mile-per-hour'],
  ['km', 'kilometer'],
  ['cm', 'centimeter'],
  ['mm', 'millimeter'],
  ['min', 'minute'],
  ['ml', 'milliliter'],
  ['kg', 'kilogram'],
  ['GB', 'gigabyte'],
  ['MB', 'megabyte'],
  ['kB', 'kilobyte'],
  ['TB', 'terabyte'],
  ['ft', 'foot'],
  ['lbs', 'pound'],
  ['oz', 'ounce'],
  ['ha', 'hectare'],
  ['g', 'gram'],
  ['l', 'liter'],
  ['h', 'hour'],
  // Without a blank it may be minutes or millions.
  ['(?<=\\s)m', 'meter'],
]);
const FEMININE: Readonly<Record<string, ReadonlySet<string>>> = {
  de: new Set(['minute', 'hour', 'mile-per-hour', 'ounce']),
  es: new Set(['hour', 'pound', 'ounce', 'mile-per-hour', 'hectare']),
  fr: new Set(['minute', 'hour', 'pound', 'ounce']),
};

export function unitGender(sign: string, language: string): Gender {
  return FEMININE[language]?.has(unitOf(sign)) ? 'feminine' : 'masculine';
}

/** "kilometers", "Prozent". `tag`: `de`, `en-GB`. */
export function unitName(sign: string, { integer, fraction }: WrittenNumber, tag: string): string {
  const format = formatOf(unitOf(sign), tag);
  const parts = format.formatToParts(Number(`${integer}.${fraction || '0'}`));
  return parts.find(({ type }) => type === 'unit')?.value ?? sign;
}

function unitOf(sign: string): string {
  return UNIT_SIGNS.get(sign) ?? 'meter';
}

const known = new Map<string, Intl.NumberFormat>();

function formatOf(unit: string, tag: string): Intl.NumberFormat {
  const key = `${tag} ${unit}`;
  const format = known.get(key) ?? new Intl.NumberFormat(tag, { style: 'unit', unit, unitDisplay: 'long' });
  known.set(key, format);
  return format;
}
