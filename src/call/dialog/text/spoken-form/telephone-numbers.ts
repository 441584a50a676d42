import { type CountryCode, findPhoneNumbersInText, type PhoneNumber } from 'libphonenumber-js/min';
import type { FormRule, SpeakingContext, SpokenPart } from './form-rule.ts';
import { hasSpelledDigits, spellGroups } from './spelled-digits.ts';

/** The library takes about 10 µs for a character; in longer sentences numbers are read by their groups alone. */
const MAX_SEARCHED = 1_000;
const MIN_DIGITS = 6;
const EXTENSION =
  /(?:\s*(?:;ext=|,)|\s+)\s*(?:ext(?:ension)?\.?|x|#|Durchwahl|extensión|poste)?\s*(\d{1,7})$/iu;

/** Telephone numbers of the call's country, and international ones: digit by digit, in groups. */
export const readTelephoneNumbers: FormRule = function* (sentence, context): Iterable<SpokenPart> {
  if (sentence.length > MAX_SEARCHED || digitsIn(sentence) < MIN_DIGITS) return;
  const country = context.country as CountryCode | undefined;
  for (const { number, startsAt, endsAt } of findPhoneNumbersInText(sentence, country)) {
    const text = sentence.slice(startsAt, endsAt);
    // Short ones may be years, and digits one by one are spoken as they are.
    if (digitsIn(text) >= MIN_DIGITS && /\d{2}/.test(text) && !hasSpelledDigits(sentence, startsAt, endsAt))
      yield { start: startsAt, end: endsAt, spoken: speakNumber(text, number, context) };
  }
};

function digitsIn(text: string): number {
  return text.match(/\d/g)?.length ?? 0;
}

function speakNumber(text: string, number: PhoneNumber, context: SpeakingContext): string {
  const extension = number.ext === undefined ? undefined : EXTENSION.exec(text);
  const main = extension ? text.slice(0, extension.index) : text;
  const spoken = [spellGroups(groupsOf(main, number), context)];
  if (extension)
    spoken.push(`${context.signs?.extension ?? ''} ${spellGroups([extension[1]!], context)}`.trim());
  const plus = main.startsWith('+') ? (context.signs ? `${context.signs.plus} ` : '+') : '';
  return plus + spoken.join(', ');
}

/** As the text groups them; a single run as its country does. */
function groupsOf(text: string, number: PhoneNumber): string[] {
  const written = text.match(/\d+/g)!;
  if (written.length > 1) return written;
  const digits = written.join('');
  const formats = [number.format('INTERNATIONAL'), number.format('NATIONAL')];
  const known = formats.map((one) => one.replace(/\s*ext\..*$/, '').match(/\d+/g) ?? []);
  return known.find((groups) => groups.length > 1 && groups.join('') === digits) ?? written;
}
