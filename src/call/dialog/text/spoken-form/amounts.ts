import { currencyAmount, currencyPlural } from './currency-words.ts';
import { type FormRule, patternRule, type SpeakingContext } from './form-rule.ts';
import { NUMBER, readNumber, SPACED_NUMBER, type WrittenNumber } from './number-notation.ts';
import type { NumberWords } from './number-words.ts';

const SYMBOLS: Readonly<Record<string, string>> = {
  '€': 'EUR',
  '£': 'GBP',
  '¥': 'JPY',
  '₹': 'INR',
  US$: 'USD',
  CA$: 'CAD',
  C$: 'CAD',
  A$: 'AUD',
  AU$: 'AUD',
  NZ$: 'NZD',
  HK$: 'HKD',
  R$: 'BRL',
};
/** Names after a number. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^euros?$/i, 'EUR'],
  [/^(?:dollars?|dólar(?:es)?)$/i, '$'],
  [/^(?:pounds?|pfund)$/i, 'GBP'],
  [/^(?:franken)$/i, 'CHF'],
];
/** ISO codes, without those that are English words. */
const CODES =
  'EUR|USD|GBP|CHF|JPY|CAD|AUD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|RON|INR|CNY|HKD|SGD|MXN|BRL|ARS|CLP|ZAR|AED|SAR|ILS|KRW|THB';
const SIGN = String.raw`(?:(?:US|CA|C|AU|A|NZ|HK|R)?\$|[€£¥₹]|${CODES})`;
const NAME = 'euros?|Euros?|dollars?|Dollars?|dólar(?:es)?|pounds?|Pfund|Franken';
const MAGNITUDE = String.raw`k|K|m|M|mn|bn|b|B|Md|Tsd\.|Mio\.|Mrd\.|mille|mil|thousand|[Mm]illion(?:s|en)?|mill(?:ón|ones)|billion|[Mm]illiard(?:s|en?)?`;
const ANY_NUMBER = `${SPACED_NUMBER}|${NUMBER}`;
const END = String.raw`(?![\p{L}\p{N}_]|[-–−.,/:'’]\p{N})`;
const BEFORE_SIGN = new RegExp(
  String.raw`(?<![\p{L}\p{N}$€£])([-−])?(${SIGN})\s?([-−])?(${ANY_NUMBER})(?:,[-–—])?(?:\s?(${MAGNITUDE}))?${END}`,
  'gu',
);
const AFTER_NUMBER = new RegExp(
  String.raw`(?<![\p{L}\p{N}_€$£¥₹]|[\p{L}\p{N}][-–−.,/:'’+*^=])([-−])?(${ANY_NUMBER})(?:,[-–—])?\s?(?:(${MAGNITUDE})\s?)?(${SIGN}|${NAME})${END}`,
  'gu',
);

/** `$5`, `€ 1.234,50`, `£5m` */
export const readSignedAmounts: FormRule = patternRule(BEFORE_SIGN, (match, context) => {
  const [text, minus, sign, innerMinus, digits, magnitude] = match;
  return speakAmount({ text, minus: minus ?? innerMinus, sign: sign!, digits: digits!, magnitude }, context);
});

/** `5 €`, `1.234,50 EUR`, `5 Mio. €`, `12.50 dollars` */
export const readAmounts: FormRule = patternRule(AFTER_NUMBER, (match, context) => {
  const [text, minus, digits, magnitude, sign] = match;
  return speakAmount({ text, minus, sign: sign!, digits: digits!, magnitude }, context);
});

interface Amount {
  readonly text: string;
  readonly minus: string | undefined;
  readonly sign: string;
  readonly digits: string;
  readonly magnitude: string | undefined;
}

/** What cannot be read for certain stays as it is written. */
function speakAmount({ text, minus, sign, digits, magnitude }: Amount, context: SpeakingContext): string {
  const { numbers, tag } = context;
  const number = numbers && readNumber(digits.replaceAll(' ', '\u00a0'), tag, true);
  if (!numbers || !number) return text;
  const currency = currencyOf(sign);
  const spoken = magnitude
    ? largeAmount(number, magnitude, currency, numbers, context)
    : currencyAmount(number, currency, numbers, context);
  if (spoken === undefined) return text;
  return minus ? `${numbers.minus} ${spoken}` : spoken;
}

function currencyOf(sign: string): string {
  return SYMBOLS[sign] ?? NAMES.find(([pattern]) => pattern.test(sign))?.[1] ?? sign;
}

/** Words of magnitudes: of one, of several, and what is between them and the name of the currency. */
const MAGNITUDES: Readonly<Record<string, Readonly<Record<string, readonly [string, string, string]>>>> = {
  en: { k: ['thousand', 'thousand', ''], m: ['million', 'million', ''], b: ['billion', 'billion', ''] },
  de: { k: ['tausend', 'tausend', ''], m: ['Million', 'Millionen', ''], b: ['Milliarde', 'Milliarden', ''] },
  es: { k: ['mil', 'mil', ''], m: ['millón', 'millones', 'de '], b: ['mil millones', 'mil millones', 'de '] },
  fr: { k: ['mille', 'mille', ''], m: ['million', 'millions', 'de '], b: ['milliard', 'milliards', 'de '] },
};

function largeAmount(
  number: WrittenNumber,
  magnitude: string,
  currency: string,
  numbers: NumberWords,
  context: SpeakingContext,
): string | undefined {
  const { language } = context;
  const name = currencyPlural(currency, context);
  const words = MAGNITUDES[language]?.[magnitudeOf(magnitude)];
  // "b" is no abbreviation outside of English, and a "billion" another number.
  if (!name || !words || (language !== 'en' && /^(?:b|bn|billion|B|m|mn)$/.test(magnitude))) return undefined;
  const [one, many, between] = words;
  const isOne = number.integer === '1' && (language === 'fr' || number.fraction === '');
  const gender = language === 'de' ? 'feminine' : 'masculine';
  const count = number.fraction ? numbers.decimal(number) : numbers.whole(number.integer, gender);
  const of = between === 'de ' && language === 'fr' && /^[aeiou]/i.test(name) ? "d'" : between;
  return `${count} ${isOne ? one : many} ${of}${name}`;
}

function magnitudeOf(text: string): 'k' | 'm' | 'b' {
  if (/^(?:k|tsd\.|mille|mil|thousand)$/i.test(text)) return 'k';
  return /^(?:b|bn|md|mrd\.|billion|milliard(?:s|en?)?)$/i.test(text) ? 'b' : 'm';
}
