import { type CalendarDate, dateWords, isDate, monthNames } from './date-words.ts';
import { AFTER, BEFORE, type FormRule, patternRule, type SpeakingContext } from './form-rule.ts';

const YEAR = String.raw`(?:19|20)\d\d`;
const ISO = new RegExp(String.raw`${BEFORE}(${YEAR})-(\d\d)-(\d\d)${AFTER}`, 'gu');
const DOTTED = new RegExp(
  String.raw`${BEFORE}(?:(\d{1,2})\.\s?(\d{1,2})\.\s?(${YEAR})|(\d\d)\.(\d\d)\.(\d\d))${AFTER}`,
  'gu',
);
/** German dates without a year, after a word that shows that it is one. */
const SHORT_DOTTED = /(?<=(?:^|\s)(?:am|vom|zum|dem|den|bis|ab|seit)\s)(\d{1,2})\.\s?(\d{1,2})\.(?!\s?\d)/giu;
const SLASHED = new RegExp(String.raw`${BEFORE}(\d{1,2})([/-])(\d{1,2})\2(${YEAR})${AFTER}`, 'gu');
/** English-speaking countries that write the day first. */
const DAY_FIRST = new Set(['GB', 'IE', 'AU', 'NZ', 'ZA', 'IN', 'SG', 'MT', 'KE', 'NG', 'GH', 'HK']);
/** Countries where both orders are written. */
const MIXED_ORDER = new Set(['fr-CA', 'es-US', 'es-PR', 'en-CA']);
const WORDS_BEFORE = 12;

export const readIsoDates: FormRule = patternRule(ISO, (match, context) => {
  const date = { year: match[1]!, month: Number(match[2]), day: Number(match[3]) };
  return speakDate(match, date, context);
});

/** Day first in every country. */
export const readDottedDates: FormRule = patternRule(DOTTED, (match, context) => {
  const [, day, month, year, shortDay, shortMonth, shortYear] = match;
  if (day === undefined && context.language !== 'de') return undefined;
  const date = { day: Number(day ?? shortDay), month: Number(month ?? shortMonth), year: year ?? shortYear };
  return speakDate(match, date, context);
});

export const readShortDates: FormRule = patternRule(SHORT_DOTTED, (match, context) => {
  if (context.language !== 'de') return undefined;
  const spoken = speakDate(match, { day: Number(match[1]), month: Number(match[2]) }, context);
  const isLast = match.index + match[0].length === match.input.length;
  return spoken === undefined || !isLast || !context.numbers ? spoken : `${spoken}.`;
});

/** `3/4/2026`: the order is that of the country. */
export const readSlashedDates: FormRule = patternRule(SLASHED, (match, context) => {
  const [first, second, year] = [Number(match[1]), Number(match[3]), match[4]!];
  const dayFirst = { day: first, month: second, year };
  const monthFirst = { day: second, month: first, year };
  if (!isDate(dayFirst) && !isDate(monthFirst)) return undefined;
  if (!isDate(dayFirst)) return speakDate(match, monthFirst, context);
  if (!isDate(monthFirst) || first === second) return speakDate(match, dayFirst, context);
  const isDayFirst = writesDayFirst(context);
  // Either could be meant.
  if (isDayFirst === undefined) return match[0];
  return speakDate(match, isDayFirst ? dayFirst : monthFirst, context);
});

function writesDayFirst({ language, tag }: SpeakingContext): boolean | undefined {
  if (MIXED_ORDER.has(tag)) return undefined;
  if (language !== 'en') return true;
  const region = tag.split('-')[1];
  if (region === 'US') return false;
  return region !== undefined && DAY_FIRST.has(region) ? true : undefined;
}

/** `March 3rd, 2026`, `3. Mai`, `3 de marzo de 2026`, `1er mars` */
export const readNamedDates: FormRule = function* (sentence, context) {
  const { numbers, tag, language } = context;
  for (const match of numbers ? sentence.matchAll(namedDates(tag, language)) : []) {
    const { month, laterMonth, day, laterDay, year } = match.groups!;
    const start = (month ?? laterMonth)!.slice(0, MONTH_LETTERS).toLowerCase();
    const index = monthNames(tag).findIndex((name) => name.toLowerCase().startsWith(start));
    const date = { day: Number(day ?? laterDay), month: index + 1, year };
    const spoken = speakDate(match, date, context);
    if (spoken === undefined) continue;
    const part = { start: match.index, end: match.index + match[0].length };
    if (laterMonth === undefined) yield { ...part, spoken };
    else {
      const article = /\bthe $/i.test(sentence.slice(0, match.index)) ? '' : 'the ';
      const [, ...years] = spoken.split(', ');
      const words = `${article}${numbers!.ordinal(String(date.day))} of ${monthNames(tag)[index]!}`;
      yield { ...part, spoken: [words, ...years].join(', ') };
    }
  }
};

/** The first letters of months, except those of French: "juin", "juillet". */
const MONTH_LETTERS = 4;
const NO_DATE = /(?!)/gu;
const known = new Map<string, RegExp>();

function namedDates(tag: string, language: string): RegExp {
  const pattern = known.get(tag) ?? createNamedDates(language, monthNames(tag).join('|'));
  known.set(tag, pattern);
  return pattern;
}

function createNamedDates(language: string, months: string): RegExp {
  const end = String.raw`(?![\p{L}\p{N}]|[-–.,/:]\p{N})`;
  const year = String.raw`(?<year>${YEAR})`;
  if (language === 'en') {
    const names = `${months}|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec`;
    // "In March 3 people came" is no day.
    const monthFirst = String.raw`(?<!\b[Ii]n )(?<month>${names})\.? (?<day>\d{1,2})(?:st|nd|rd|th)?`;
    const dayFirst = String.raw`(?<laterDay>\d{1,2})(?:st|nd|rd|th)?(?: of)? (?<laterMonth>${names})\b\.?`;
    return new RegExp(`${BEFORE}(?:${monthFirst}|${dayFirst})(?:,? ${year})?${end}`, 'gu');
  }
  const patterns: Readonly<Record<string, string>> = {
    de: String.raw`(?<day>\d{1,2})\. ?(?<month>${months})(?: ${year})?`,
    es: String.raw`(?<day>\d{1,2})º? de (?<month>${months})(?: del? ${year})?`,
    fr: String.raw`(?<day>\d{1,2})(?:er)? (?<month>${months})(?: ${year})?`,
  };
  const pattern = patterns[language];
  return pattern === undefined ? NO_DATE : new RegExp(`${BEFORE}${pattern}${end}`, 'giu');
}

/** Undefined: no date. As written if it is one, but is not to be put into words. */
function speakDate(match: RegExpExecArray, date: CalendarDate, context: SpeakingContext): string | undefined {
  if (!isDate(date)) return undefined;
  if (!context.numbers) return match[0];
  const before = match.input.slice(Math.max(0, match.index - WORDS_BEFORE), match.index);
  return dateWords(date, before, context.numbers, context);
}
