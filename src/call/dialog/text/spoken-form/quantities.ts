import { germanOrdinal, monthNames } from './date-words.ts';
import { AFTER, BEFORE, type FormRule, patternRule, type SpeakingContext } from './form-rule.ts';
import { NUMBER, readNumber, SPACED_NUMBER, type WrittenNumber } from './number-notation.ts';
import type { NumberWords } from './number-words.ts';
import { spellGroups } from './spelled-digits.ts';
import { UNIT_SIGNS, unitGender, unitName } from './unit-words.ts';

/** Behind a number, a unit or a bracket it is a dash. */
const MINUS = String.raw`((?<!\p{L}|[\p{N})%°‰€$£¥₹½²³]\s?)[-−](?=\d))?`;
const UNIT = [...UNIT_SIGNS.keys()].map((sign) => sign.replace('/', String.raw`\/`)).join('|');
const ANY_NUMBER = `(?:${SPACED_NUMBER}|${NUMBER})`;
/** Its first number may have the unit, too. */
const RANGE = String.raw`(?:(?<![-−])(\d{1,4})\s?(${UNIT})?\s?[-–]\s?)`;
const MEASURED = new RegExp(
  String.raw`${BEFORE}${RANGE}?${MINUS}(${ANY_NUMBER})\s?(${UNIT})(?![\p{L}\p{N}_²³]|[-–/.]\p{N})`,
  'gu',
);
/** `3-4 days`: a smaller and a larger number before a noun. */
const RANGED = new RegExp(
  String.raw`${BEFORE}(\d{1,4})(?:-|\s?–\s?)(\d{1,4})(?= \p{Ll}{2}| \p{Lu}\p{Ll})`,
  'gu',
);
const MAX_RANGE_DIGITS = 3;
/** Thousands in groups are a quantity, also where a telephone number could look like that. */
const GROUPED = new RegExp(
  String.raw`${BEFORE}${MINUS}(\d{1,3}(?:([.,'’\u00a0\u202f])\d{3})(?:\3\d{3})*(?:(?!\3)[.,]\d{1,9})?|\d{1,2}(?:,\d{2})+,\d{3})${AFTER}`,
  'gu',
);
const SPACED = new RegExp(String.raw`${BEFORE}(${SPACED_NUMBER})${AFTER}`, 'gu');
const PLAIN = new RegExp(String.raw`${BEFORE}${MINUS}(${NUMBER})${AFTER}`, 'gu');
const HALF = new RegExp(String.raw`${BEFORE}(\d{1,3})\s?½(?![\p{L}\p{N}])`, 'gu');
const ORDINAL = new RegExp(
  String.raw`${BEFORE}(\d{1,4})(?:(st|nd|rd|th)|(\.?º|\.?ª)|(er|re|ère|ème|e)|(\.)(?=\s\p{L}|$))(?![\p{L}\p{N}]|[-–]\p{N})`,
  'gu',
);
/** In German, after a preposition "der" has the dative. */
const DATIVE =
  /(?:^|\s)(?:in|an|auf|aus|bei|mit|nach|von|zu|seit|während|vor|unter|über|hinter|neben|zwischen|ab) der\s$/iu;
const SINGULAR = /(?:^|\s)(?:die|das)\s$/iu;
/** In German, "am 5." is a day. */
const DAY = /(?:^|\s)(?:am|zum|vom|den)\s$/iu;
/** "at 10.30" may be a time. */
const BEFORE_TIME = /\b(?:at|until|till|by|from|before|after|las|la)\s$/iu;
const DOTTED_TIME = /^(?:1?\d|2[0-3])\.[0-5]\d$/;
/** Words before a year. */
const YEAR_CONTEXT: Readonly<Record<string, RegExp>> = {
  en: /\b(?:in|since|until|year|summer|winter|spring|autumn|fall)\s$/iu,
  de: /\b(?:jahre?s?|seit|anno|sommer|winter|frühjahr|frühling|herbst)\s$/iu,
};
const YEAR = /^(?:1[1-9]|20)\d\d$/;
const NUMBER_SIGN = new RegExp(
  String.raw`(?<![\p{L}\p{N}])(?:(No\.|Nr\.|[nN]\.º|[nN]°|[nN]º|№)|(§))\s?(\d{1,15})${AFTER}`,
  'gu',
);
const NUMBER_NOUN: Readonly<Record<string, readonly [string, string]>> = {
  en: ['number', 'section'],
  de: ['Nummer', 'Paragraf'],
  es: ['número', 'párrafo'],
  fr: ['numéro', 'paragraphe'],
};
/** Above it, "º" may also mean degrees. */
const MAX_SPANISH_ORDINAL = 20;
/** Words after a number that are no nouns. */
const JOINING_WORD = /^\s(?:und|oder|bis|von|plus|minus|y|o|e|a|de|et|ou|à)\s/iu;
/** A longer number after "No." is a code. */
const MAX_NUMBER_DIGITS = 4;
const WORDS_BEFORE = 24;

/** `No. 5`, `§ 5` */
export const readNumberSigns: FormRule = patternRule(NUMBER_SIGN, ([, , paragraph, digits], context) => {
  const { numbers, language } = context;
  const nouns = numbers && NUMBER_NOUN[language];
  if (!nouns) return undefined;
  const isCode = digits!.startsWith('0') || digits!.length > MAX_NUMBER_DIGITS;
  const words = isCode ? spellGroups([digits!], context) : numbers.whole(digits!);
  return `${paragraph ? nouns[1] : nouns[0]} ${words}`;
});

export const readMeasures: FormRule = patternRule(MEASURED, (match, context) => {
  const [text, from, fromSign, minus, digits, sign] = match;
  const { numbers, tag, language } = context;
  const number = numbers && readNumber(digits!.replaceAll(' ', '\u00a0'), tag, true);
  const isOne = from === undefined || (isRange(from, digits!, 4) && (fromSign ?? sign) === sign);
  if (!numbers || !number || !isOne) return text;
  const gender = unitGender(sign!, language);
  const count = number.fraction ? numbers.decimal(number) : numbers.whole(number.integer, gender);
  const start = from === undefined ? '' : `${numbers.whole(from)} ${numbers.to} `;
  return `${start}${minus ? `${numbers.minus} ` : ''}${count} ${unitName(sign!, number, tag)}`;
});

export const readRanges: FormRule = patternRule(RANGED, ([text, from, to], { numbers }) => {
  if (!isRange(from!, to!, MAX_RANGE_DIGITS)) return undefined;
  if (!numbers || numbers.isInflected(to!)) return text;
  return `${numbers.whole(from!)} ${numbers.to} ${numbers.whole(to!)}`;
});

function isRange(from: string, to: string, maxDigits: number): boolean {
  if (!/^[1-9]\d*$/.test(from) || !/^[1-9]\d*$/.test(to) || Number(from) >= Number(to)) return false;
  return from.length === to.length || to.length <= maxDigits;
}

export const readGroupedNumbers: FormRule = patternRule(GROUPED, (match, context) =>
  speakPlain(match, match[1], match[2]!, context),
);

/** Only French writes ordinary blanks between thousands. */
export const readSpacedNumbers: FormRule = patternRule(SPACED, (match, context) =>
  context.language === 'fr' ? speakPlain(match, undefined, match[1]!, context) : undefined,
);

export const readPlainNumbers: FormRule = patternRule(
  PLAIN,
  (match, context) => context.numbers && speakPlain(match, match[1], match[2]!, context),
);

export const readHalves: FormRule = patternRule(HALF, ([, digits], { numbers, language }) => {
  if (!numbers || digits!.startsWith('0')) return undefined;
  if (language === 'en') return `${numbers.whole(digits!)} and a half`;
  return language === 'de' && digits !== '1' ? `${numbers.whole(digits!)}einhalb` : undefined;
});

export const readOrdinals: FormRule = patternRule(ORDINAL, (match, context) => {
  const [text, digits = '', english, spanish, french, german] = match;
  const { numbers, language } = context;
  if (!numbers || digits.startsWith('0')) return german === undefined ? text : undefined;
  if (english) return language === 'en' ? numbers.ordinal(digits) : text;
  if (spanish) {
    if (language !== 'es' || Number(digits) > MAX_SPANISH_ORDINAL) return text;
    return numbers.ordinal(digits, spanish.endsWith('ª') ? 'feminine' : 'masculine');
  }
  if (french) {
    return language === 'fr'
      ? numbers.ordinal(digits, /^(?:re|ère)$/.test(french) ? 'feminine' : 'masculine')
      : text;
  }
  if (language !== 'de') return undefined;
  if (match.index + text.length === match.input.length) {
    // The full stop of the sentence is that of the number.
    return DAY.test(match.input.slice(0, match.index)) ? `${numbers.ordinal(digits)}n.` : undefined;
  }
  // Without a word that shows the ending, it stays.
  return germanEnding(numbers.ordinal(digits), match.input.slice(0, match.index)) ?? text;
});

function germanEnding(ordinal: string, before: string): string | undefined {
  const near = before.slice(-WORDS_BEFORE);
  if (DATIVE.test(near)) return `${ordinal}n`;
  if (SINGULAR.test(near)) return ordinal;
  return /\bder\s$/iu.test(near) ? undefined : germanOrdinal(ordinal, near);
}

function speakPlain(
  { 0: text, index, input }: RegExpExecArray,
  minus: string | undefined,
  digits: string,
  { numbers, tag, language }: SpeakingContext,
): string {
  const number = numbers && readNumber(digits.replaceAll(' ', '\u00a0'), tag, false);
  if (!numbers || !number) return text;
  const after = input.slice(index + text.length);
  const isBeforeNoun = /^\s\p{L}/u.test(after) && !JOINING_WORD.test(after);
  if (isBeforeNoun && !number.fraction && numbers.isInflected(number.integer)) return text;
  const before = input.slice(Math.max(0, index - WORDS_BEFORE), index);
  if (DOTTED_TIME.test(digits) && BEFORE_TIME.test(before)) return text;
  const isAfterMonth = monthNames(tag).includes(/(\p{L}+) $/u.exec(before)?.[1] ?? '');
  const isYear = YEAR.test(digits) && (isAfterMonth || YEAR_CONTEXT[language]?.test(before) === true);
  return (minus ? `${numbers.minus} ` : '') + numberWordsOf(number, isYear, numbers);
}

function numberWordsOf(number: WrittenNumber, isYear: boolean, numbers: NumberWords): string {
  if (number.fraction) return numbers.decimal(number);
  return isYear ? numbers.year(number.integer) : numbers.whole(number.integer);
}
