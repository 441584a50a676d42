import type { SpeakingContext } from './form-rule.ts';
import type { NumberWords } from './number-words.ts';

export interface CalendarDate {
  /** 1 to 31. */
  readonly day: number;
  /** 1 to 12. */
  readonly month: number;
  /** Two or four digits. */
  readonly year?: string | undefined;
}

const LONGEST_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** German words after which an ordinal number ends in "n". */
const OBLIQUE = /(?:^|[\s(])(?:am|vom|zum|im|beim|dem|den|des|bis|ab|seit|nach|vor)\s$/iu;
const ARTICLE = /(?:^|[\s(])der\s$/iu;

export function isDate({ day, month }: CalendarDate): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= LONGEST_MONTHS[month - 1]!;
}

/** `before`: the text before the date, which decides about German endings. */
export function dateWords(
  { day, month, year }: CalendarDate,
  before: string,
  numbers: NumberWords,
  { language, tag }: SpeakingContext,
): string {
  const name = monthNames(tag)[month - 1]!;
  const digits = String(day);
  const years = year === undefined ? undefined : numbers.year(String(Number(year)));
  if (language === 'en') return `${name} ${numbers.ordinal(digits)}${years ? `, ${years}` : ''}`;
  if (language === 'de')
    return joined(
      germanOrdinal(numbers.ordinal(digits), before) ?? `${numbers.ordinal(digits)}r`,
      name,
      years,
    );
  if (language === 'es') return joined(numbers.whole(digits), 'de', name, years && `de ${years}`);
  return joined(day === 1 ? numbers.ordinal('1') : numbers.whole(digits), name, years);
}

/** With the ending that the word before it demands; undefined if no word there does. */
export function germanOrdinal(ordinal: string, before: string): string | undefined {
  if (OBLIQUE.test(before)) return `${ordinal}n`;
  return ARTICLE.test(before) ? ordinal : undefined;
}

function joined(...words: readonly (string | undefined)[]): string {
  return words.filter((word) => word !== undefined).join(' ');
}

const known = new Map<string, readonly string[]>();

/** January to December. */
export function monthNames(tag: string): readonly string[] {
  const found = known.get(tag);
  if (found) return found;
  const format = new Intl.DateTimeFormat(tag, { month: 'long', timeZone: 'UTC' });
  const names = LONGEST_MONTHS.map((_, month) => format.format(Date.UTC(2000, month, 1)));
  known.set(tag, names);
  return names;
}
