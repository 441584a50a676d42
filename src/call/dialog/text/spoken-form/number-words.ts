import { toCardinal as german, toOrdinal as germanOrdinal } from 'n2words/de-DE';
import { toCardinal as british } from 'n2words/en-GB';
import { toCardinal as english, toOrdinal as englishOrdinal } from 'n2words/en-US';
import { toCardinal as spanish, toOrdinal as spanishOrdinal } from 'n2words/es-ES';
import { toCardinal as belgian } from 'n2words/fr-BE';
import { toCardinal as french, toOrdinal as frenchOrdinal } from 'n2words/fr-FR';
import type { WrittenNumber } from './number-notation.ts';

/** The gender of the noun after a number; without one it stands alone. */
export type Gender = 'masculine' | 'feminine';

/** Numbers as words. Digits are decimal strings without a leading zero, 15 characters at most. */
export interface NumberWords {
  readonly minus: string;
  readonly to: string;
  digit(digit: string): string;
  whole(digits: string, gender?: Gender): string;
  decimal(number: WrittenNumber): string;
  year(digits: string): string;
  ordinal(digits: string, gender?: Gender): string;
  /** True if its form, or a preposition after it, depends on the noun that follows. */
  isInflected(digits: string): boolean;
}

const BRITISH = new Set(['GB', 'IE', 'AU', 'NZ', 'ZA', 'IN', 'SG', 'MT', 'KE', 'NG', 'GH']);
/** Where 70 is "septante". */
const SEPTANTE = new Set(['BE', 'CH']);
/** Spanish-speaking countries with a decimal point. */
const PUNTO = new Set(['MX', 'US', 'GT', 'HN', 'NI', 'SV', 'PA', 'DO', 'PR', 'PE']);
const HUNDRED_YEARS = /^1[1-9]\d\d$/;

/** Undefined if the words of the language are not known. `tag`: `de`, `en-GB`. */
export function numberWords(tag: string): NumberWords | undefined {
  const [language = '', ...rest] = tag.split('-');
  const region = rest.find((part) => /^[A-Z]{2}$/.test(part)) ?? '';
  if (language === 'en') return englishWords(BRITISH.has(region) ? british : english);
  if (language === 'de') return GERMAN;
  if (language === 'es') return spanishWords(PUNTO.has(region) ? 'punto' : 'coma');
  return language === 'fr' ? frenchWords(SEPTANTE.has(region) ? belgian : french) : undefined;
}

function englishWords(cardinal: (value: string) => string): NumberWords {
  return {
    minus: 'minus',
    to: 'to',
    digit: (digit) => cardinal(digit),
    whole: (digits) => cardinal(digits),
    decimal: ({ integer, fraction }) =>
      `${cardinal(integer)} point ${[...fraction].map((one) => cardinal(one)).join(' ')}`,
    year: (digits) => {
      const [century, rest] = [digits.slice(0, 2), digits.slice(2)];
      if (digits.length !== 4 || /^[12]00/.test(digits)) return cardinal(digits);
      if (rest === '00') return `${cardinal(century)} hundred`;
      return `${cardinal(century)} ${rest.startsWith('0') ? 'oh ' : ''}${cardinal(String(Number(rest)))}`;
    },
    ordinal: (digits) => englishOrdinal(digits),
    isInflected: () => false,
  };
}

const GERMAN: NumberWords = {
  minus: 'minus',
  to: 'bis',
  digit: (digit) => german(digit),
  whole: (digits, gender) => {
    const words = german(digits);
    if (gender === undefined) return words;
    return words.replace(/eins$/, digits === '1' && gender === 'feminine' ? 'eine' : 'ein');
  },
  decimal: ({ integer, fraction }) =>
    `${german(integer)} Komma ${[...fraction].map((one) => german(one)).join(' ')}`,
  year: (digits) => (HUNDRED_YEARS.test(digits) ? germanHundreds(digits) : german(digits)),
  ordinal: (digits) => germanOrdinal(digits),
  isInflected: (digits) => digits === '1',
};

/** "neunzehnhundertneunundneunzig" */
function germanHundreds(digits: string): string {
  const rest = Number(digits.slice(2));
  return `${german(digits.slice(0, 2))}hundert${rest === 0 ? '' : german(rest)}`;
}

function spanishWords(mark: string): NumberWords {
  const whole = (digits: string, gender?: Gender): string => {
    const words = corrected(spanish(digits, { gender: gender ?? 'masculine' }));
    if (gender !== 'masculine') return words;
    return words.replace(/veintiuno$/, 'veintiún').replace(/uno$/, 'un');
  };
  return {
    minus: 'menos',
    to: 'a',
    digit: (digit) => whole(digit),
    whole,
    decimal: ({ integer, fraction }) => `${whole(integer)} ${mark} ${spokenFraction(fraction, whole)}`,
    year: (digits) => whole(digits),
    ordinal: (digits, gender) => spanishOrdinal(digits, { gender: gender ?? 'masculine' }),
    isInflected: (digits) => /(?:^|[^1])1$|[2-9]\d\d(?:\d{3})?$|0{6}$/.test(digits),
  };
}

/** The library writes "dieciseis", "veintiuno mil" and "cienta". */
function corrected(words: string): string {
  return words
    .replaceAll('dieciseis', 'dieciséis')
    .replaceAll('cienta', 'ciento')
    .replace(/veintiun[oa](?= mil)/g, 'veintiún')
    .replace(/\bun[oa](?= mil)/g, 'un');
}

function frenchWords(cardinal: (value: string) => string): NumberWords {
  const whole = (digits: string, gender?: Gender): string =>
    gender === 'feminine' ? cardinal(digits).replace(/\bun$/, 'une') : cardinal(digits);
  return {
    minus: 'moins',
    to: 'à',
    digit: (digit) => cardinal(digit),
    whole,
    decimal: ({ integer, fraction }) => `${cardinal(integer)} virgule ${spokenFraction(fraction, cardinal)}`,
    year: (digits) => cardinal(digits),
    ordinal: (digits, gender) =>
      digits === '1' && gender === 'feminine' ? 'première' : frenchOrdinal(digits),
    isInflected: (digits) => /(?:^|[^179])1$|0{6}$/.test(digits),
  };
}

/** Zeros one by one, then a number; more than two digits one by one. */
function spokenFraction(fraction: string, whole: (digits: string) => string): string {
  if (fraction.length > 2 || fraction.startsWith('0'))
    return [...fraction].map((one) => whole(one)).join(' ');
  return whole(fraction);
}
