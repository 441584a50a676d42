import { AFTER, BEFORE, type FormRule, patternRule, type SpeakingContext } from './form-rule.ts';
import type { NumberWords } from './number-words.ts';

const CLOCK = String.raw`(\d{1,2})[:.](\d{2})`;
const END = String.raw`(?![\p{L}\p{N}_]|[:/]\p{N}|[-–.,]\p{N})`;
/** `2:30 p.m.`, `9 AM`. */
const WITH_HALF = new RegExp(
  String.raw`${BEFORE}(\d{1,2})(?:[:.](\d{2}))?\s?([ap]\.?\s?m\b\.?)${END}`,
  'giu',
);
const WITH_COLON = new RegExp(
  String.raw`${BEFORE}(\d{1,2}):(\d{2})(\s?(?:Uhr|horas|hs|h)(?!\p{L}))?${END}`,
  'gu',
);
/** `14.30 Uhr`, `9 Uhr`, `9 Uhr 30` */
const WITH_UHR = new RegExp(
  String.raw`${BEFORE}(\d{1,2})(?:[:.](\d{2}))?(?:\s?[-–]\s?(\d{1,2})(?:[:.](\d{2}))?)?\s?Uhr(?:\s(\d{1,2})(?!\d|\.\d|\s?Uhr))?${END}`,
  'gu',
);
/** `14 h 30`, `9h` */
const WITH_H = new RegExp(String.raw`${BEFORE}(\d{1,2})\s?[hH]\s?(\d{2})?${END}`, 'gu');
/** `10:00-12:30` */
const RANGE = new RegExp(
  String.raw`${BEFORE}${CLOCK.replace('[:.]', ':')}\s?[-–]\s?${CLOCK.replace('[:.]', ':')}${AFTER}`,
  'gu',
);

/** `9-11 am`, `9am-5pm` */
const HALF_RANGE = new RegExp(
  String.raw`${BEFORE}(\d{1,2})(?::(\d{2}))?(?:\s?([ap]\.?m\b\.?))?\s?[-–]\s?(\d{1,2})(?::(\d{2}))?\s?([ap]\.?m\b\.?)${END}`,
  'giu',
);

interface ClockTime {
  readonly hour: number;
  readonly minute: number;
}

export const readHalfDayTimes: FormRule = patternRule(
  WITH_HALF,
  ([text, hours, minutes, half], { language, numbers }) => {
    const time = clockTime(hours!, minutes ?? '00');
    if (!time || time.hour > 12 || time.hour === 0) return undefined;
    if (language !== 'en' || !numbers) return text;
    return `${englishHours(time, numbers)} ${half!}`;
  },
);

export const readHalfDayRanges: FormRule = patternRule(HALF_RANGE, (match, { language, numbers }) => {
  const [text, hours, minutes, half, untilHours, untilMinutes, untilHalf] = match;
  const [from, until] = [clockTime(hours!, minutes ?? '00'), clockTime(untilHours!, untilMinutes ?? '00')];
  if (!from || !until || from.hour > 12 || until.hour > 12) return undefined;
  if (language !== 'en' || !numbers) return text;
  const first = englishHours(from, numbers) + (half ? ` ${half}` : '');
  return `${first} ${numbers.to} ${englishHours(until, numbers)} ${untilHalf!}`;
});

export const readTimeRanges: FormRule = patternRule(RANGE, (match, context) => {
  const [text, hours, minutes, untilHours, untilMinutes] = match;
  const [from, until] = [clockTime(hours!, minutes!), clockTime(untilHours!, untilMinutes!)];
  if (!from || !until) return undefined;
  // The word for the hour may follow.
  if (!context.numbers || /^\s?(?:Uhr|h\b|horas)/.test(match.input.slice(match.index + text.length)))
    return undefined;
  return `${timeWords(from, context.numbers, context)} ${context.numbers.to} ${timeWords(until, context.numbers, context)}`;
});

export const readUhrTimes: FormRule = patternRule(WITH_UHR, (match, context) => {
  const [text, hours, minutes, untilHours, untilMinutes, laterMinutes] = match;
  const from = clockTime(hours!, minutes ?? (untilHours ? '00' : (laterMinutes ?? '00')));
  const until =
    untilHours === undefined ? undefined : clockTime(untilHours, untilMinutes ?? laterMinutes ?? '00');
  if (!from || (untilHours !== undefined && !until)) return undefined;
  if (context.language !== 'de' || !context.numbers) return text;
  if (!until) return timeWords(from, context.numbers, context);
  const first =
    from.minute === 0 ? context.numbers.whole(String(from.hour)) : timeWords(from, context.numbers, context);
  return `${first} bis ${timeWords(until, context.numbers, context)}`;
});

export const readHourTimes: FormRule = patternRule(WITH_H, ([text, hours, minutes], context) => {
  const time = clockTime(hours!, minutes ?? '00');
  if (!time || context.language !== 'fr') return undefined;
  return context.numbers ? timeWords(time, context.numbers, context) : text;
});

export const readClockTimes: FormRule = patternRule(WITH_COLON, ([text, hours, minutes, unit], context) => {
  const time = clockTime(hours!, minutes!);
  if (!time) return undefined;
  if (!context.numbers) return text;
  const words = timeWords(time, context.numbers, context);
  return unit !== undefined && context.language === 'es' ? `${words} horas` : words;
});

function clockTime(hours: string, minutes: string): ClockTime | undefined {
  const [hour, minute] = [Number(hours), Number(minutes)];
  return hour < 24 && minute < 60 ? { hour, minute } : undefined;
}

function timeWords(time: ClockTime, numbers: NumberWords, { language }: SpeakingContext): string {
  const { hour, minute } = time;
  const minutes = minute === 0 ? '' : ` ${numbers.whole(String(minute))}`;
  if (language === 'en') return englishTime(time, numbers);
  if (language === 'de') return `${numbers.whole(String(hour), 'masculine')} Uhr${minutes}`;
  const hours = numbers.whole(String(hour), 'feminine');
  if (language === 'es')
    return `${hours}${minute > 0 && minute < 10 ? ` ${numbers.digit('0')}` : ''}${minutes}`;
  return `${hours} heure${hour > 1 ? 's' : ''}${minutes}`;
}

/** Hours after noon are spoken as "two thirty PM". */
function englishTime({ hour, minute }: ClockTime, numbers: NumberWords): string {
  const half = hour === 0 ? ' AM' : hour > 12 ? ' PM' : '';
  const words = englishHours({ hour: hour % 12 || 12, minute }, numbers);
  return minute === 0 && half === '' ? `${words} o'clock` : words + half;
}

function englishHours({ hour, minute }: ClockTime, numbers: NumberWords): string {
  const hours = numbers.whole(String(hour));
  if (minute === 0) return hours;
  return `${hours} ${minute < 10 ? 'oh ' : ''}${numbers.whole(String(minute))}`;
}
