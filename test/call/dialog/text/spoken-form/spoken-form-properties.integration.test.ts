import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SpokenForm } from '../../../../../src/call/dialog/text/spoken-form/spoken-form.ts';
import { SpokenText } from '../../../../../src/call/dialog/text/spoken-text.ts';
import { PROPERTY_RUNS } from '../../../../support/portions.ts';

const RUNS = { numRuns: PROPERTY_RUNS };

/** Parts of numbers, and signs that may belong to them. */
const PARTS =
  '0|1|2|5|9|00|000|123|2026|1999|31|12|.|,|-|–|/|:|(|)|+|#|@|€|$|£|%|°| C| km|h| Uhr|am| pm| a.m.|x|e|A|AB|COVID|v|No.|§|½|’|\u00a0|\u202f|st|nd|º|!|?|;|' +
  'Mai| May |de | mars|enero|der |am |call |code |million | Mio. |k|a@b.example|1.234,50| 555-0132';
const text = fc
  .array(fc.constantFrom(...PARTS.split('|'), ' ', ' ', ' '), { maxLength: 30 })
  .map((parts) => parts.join(''));
const language = fc.constantFrom(
  'en',
  'en-GB',
  'en-US',
  'de',
  'de-CH',
  'es',
  'es-MX',
  'fr',
  'fr-CA',
  'it',
  'ru',
  'zh',
);
const mode = fc.constantFrom('codes' as const, 'all' as const);

/** The number that these English words mean: "one thousand two hundred thirty-four point five". */
function valueOf(words: string): number {
  const [whole = '', fraction] = words.replace('minus ', '').split(' point ');
  const digits = fraction?.split(' ').map((one) => SMALL.indexOf(one));
  const value = wholeValueOf(whole) + Number(digits ? `0.${digits.join('')}` : 0);
  return words.startsWith('minus ') ? -value : value;
}

const SMALL =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = 'zero ten twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const SCALES = ['', 'thousand', 'million', 'billion', 'trillion'];

function wholeValueOf(words: string): number {
  let total = 0;
  let group = 0;
  for (const word of words.split(/[ -]/)) {
    if (SMALL.includes(word)) group += SMALL.indexOf(word);
    else if (TENS.includes(word)) group += 10 * TENS.indexOf(word);
    else if (word === 'hundred') group *= 100;
    else if (SCALES.includes(word)) {
      total += group * 1_000 ** SCALES.indexOf(word);
      group = 0;
    } else throw new Error(`"${word}" in "${words}" is no number`);
  }
  return total + group;
}

/** What the sentence says between these words. */
function between(form: SpokenForm, before: string, written: string, after: string): string {
  const spoken = form.say(`${before}${written}${after}`);
  expect(spoken.startsWith(before) && spoken.endsWith(after)).toBe(true);
  return spoken.slice(before.length, spoken.length - after.length);
}

describe('SpokenForm', () => {
  it('is the same for every division of the stream', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 4 }), language, mode, fc.nat(7), (texts, tag, form, length) => {
        const whole = texts.join('. ');
        const pieces = whole.match(new RegExp(`[^]{1,${length + 1}}`, 'g')) ?? [];
        const [one, other] = [new SpokenText(tag, form), new SpokenText(tag, form)];
        const divided = [...pieces.flatMap((piece) => one.add(piece)), ...one.flush()];
        expect(divided).toEqual([...other.add(whole), ...other.flush()]);
      }),
      RUNS,
    );
  });

  it('keeps every digit, in its order, where figures stay figures', () => {
    const digits = (of: string): string => of.replace(/\D/g, '');
    fc.assert(
      fc.property(text, language, (written, tag) => {
        expect(digits(new SpokenForm('codes', tag).say(written))).toBe(digits(written));
      }),
      RUNS,
    );
  });

  it('changes nothing of what it said', () => {
    fc.assert(
      fc.property(text, language, (written, tag) => {
        const spoken = new SpokenForm('codes', tag).say(written);
        expect(new SpokenForm('codes', tag).say(spoken)).toBe(spoken);
      }),
      RUNS,
    );
  });

  it('says words of numbers alone', () => {
    fc.assert(
      fc.property(text, language, (written, tag) => {
        expect(new SpokenForm('all', tag).say(written)).not.toMatch(/undefined|NaN|null\]|\[object/);
      }),
      RUNS,
    );
  });

  it('says the value of a whole number, however its thousands are grouped', () => {
    const value = fc.oneof(fc.nat(9_999), fc.nat(999_999), fc.nat(999_999_999));
    fc.assert(
      fc.property(value, fc.constantFrom(',', '', '’', "'", '\u202f'), (number, group) => {
        const plain = String(number);
        // More digits without groups are a code.
        const written = plain.length > 6 || group ? plain.replace(/\B(?=(\d{3})+$)/g, group || ',') : plain;
        const words = between(new SpokenForm('all', 'en'), 'We have ', written, ' and go on.');
        expect(valueOf(words)).toBe(number);
      }),
      RUNS,
    );
  });

  it('says the value of a decimal number in the notation of English, and with a unit in every notation', () => {
    const fraction = fc.integer({ min: 1, max: 99 }).map((one) => String(one).padStart(2, '0'));
    fc.assert(
      fc.property(fc.nat(9_999_999), fraction, fc.boolean(), (whole, part, isMinus) => {
        const value = Number(`${isMinus ? '-' : ''}${whole}.${part}`);
        const grouped = (mark: string): string => String(whole).replace(/\B(?=(\d{3})+$)/g, mark);
        const form = new SpokenForm('all', 'en');
        const sign = isMinus ? '-' : '';
        const english = between(form, 'That is ', `${sign}${grouped(',')}.${part}`, ', as we said.');
        expect(valueOf(english)).toBeCloseTo(value, 6);
        const german = between(form, 'That is ', `${sign}${grouped('.')},${part}\u00a0%`, ' of the rest.');
        expect(valueOf(german.replace(/ percent$/, ''))).toBeCloseTo(value, 6);
      }),
      RUNS,
    );
  });

  it('says the value of an amount', () => {
    fc.assert(
      fc.property(fc.nat(999_999), fc.nat(99), (whole, cents) => {
        const part = String(cents).padStart(2, '0');
        const words = between(
          new SpokenForm('all', 'en'),
          'It costs ',
          `$${whole.toLocaleString('en')}.${part}`,
          ' in all.',
        );
        const [, dollars = 'zero', , cent = 'zero'] =
          /^(?:(.*?) dollars?)?(?:( and )?(?:(.*) cents?))?$/.exec(words) ?? [];
        expect(valueOf(dollars || 'zero')).toBe(whole);
        expect(valueOf(cent)).toBe(cents);
      }),
      RUNS,
    );
  });

  it('says every digit of a telephone number', () => {
    const group = fc.stringMatching(/^\d{2,4}$/);
    const names = new Map(SMALL.slice(0, 10).map((name, digit) => [name, String(digit)]));
    fc.assert(
      fc.property(
        fc.array(group, { minLength: 3, maxLength: 4 }),
        fc.constantFrom(' ', '-'),
        (groups, mark) => {
          const written = `0${groups.join(mark)}`;
          const words = between(new SpokenForm('all', 'en'), 'Please ring ', written, ' any time.');
          expect(
            words
              .split(/,? /)
              .map((word) => names.get(word))
              .join(''),
          ).toBe(written.replace(/\D/g, ''));
        },
      ),
      RUNS,
    );
  });

  it.each([
    '1 ',
    '1',
    '1.',
    '1,',
    '12-34 ',
    'a.b@',
    'a@b.c ',
    '$1,234.50 ',
    '12:30-',
    'A1-',
    '-5 ',
    'DE89 3704 ',
    '(415) 555-0132 ',
    'abc',
    '1.2.3.',
    'call ',
    '1/',
  ])('takes little time for a sentence of 10,000 characters (%j)', (unit) => {
    const sentence = unit.repeat(10_000 / unit.length);
    for (const form of ['codes', 'all'] as const) {
      const startMs = performance.now();
      new SpokenForm(form, 'en').say(sentence);
      // It takes 60 ms at most; a pattern with backtracking would take minutes.
      expect(performance.now() - startMs).toBeLessThan(3_000);
    }
  });
});
