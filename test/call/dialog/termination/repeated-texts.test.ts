import { describe, expect, it } from 'vitest';
import { RepeatedTexts } from '../../../../src/call/dialog/termination/repeated-texts.ts';

/** The number of texts after which a machine is recognised; undefined: it is not. */
function recognisedAfter(texts: readonly string[]): number | undefined {
  const repeated = new RepeatedTexts();
  const index = texts.findIndex((text) => repeated.add(text));
  return index < 0 ? undefined : index + 1;
}

function times(count: number, ...texts: string[]): string[] {
  return Array.from({ length: count }, () => texts).flat();
}

describe('RepeatedTexts', () => {
  it.each([
    ['a menu', ['Press one for sales.']],
    // The announcements of Asterisk: voicemail.conf, vm-intro; queues.conf, queue-thankyou
    [
      'a voicemail',
      ['Please leave your message after the tone. When done, hang up, or press the pound key.'],
    ],
    ['a queue', ['Thank you for your patience.']],
    ['a Japanese carrier', ['ただいま電話に出ることができません']],
  ])('recognises %s at its fourth repetition', (_what, texts) => {
    expect(recognisedAfter(times(10, ...texts))).toBe(4);
  });

  it('recognises texts that the recogniser writes a little differently', () => {
    const texts = [
      'Press one for sales.',
      'Press one for sale',
      'press one for sales',
      'Press one, for sales!',
    ];
    expect(recognisedAfter(texts)).toBe(4);
  });

  it('recognises a menu of several utterances at its third repetition', () => {
    const menu = ['For sales, press one.', 'For support, press two.', 'To hear this again, press star.'];
    expect(recognisedAfter(times(6, ...menu))).toBe(9);
  });

  it('recognises a queue that counts down, also between other announcements', () => {
    const numbers = [20, 19, 19, 17, 12, 9, 8, 5, 3, 1];
    const position = (n: number) => `You are number ${n} in the queue.`;
    expect(recognisedAfter(numbers.map(position))).toBe(6);
    expect(recognisedAfter(numbers.flatMap((n) => [position(n), 'Please hold the line.']))).toBe(6);
    expect(
      recognisedAfter(numbers.map((n) => `Your waiting time is ${n} minutes and ${n * 3} seconds.`)),
    ).toBe(6);
    expect(recognisedAfter(numbers.toReversed().map(position))).toBeUndefined();
    expect(recognisedAfter(numbers.map((n) => `${n} pieces.`))).toBeUndefined();
  });

  it('takes a short or affirmative answer for the answer of a person', () => {
    expect(recognisedAfter(times(8, 'Yes.'))).toBeUndefined();
    expect(recognisedAfter(times(8, 'Yes, that is correct.'))).toBeUndefined();
    expect(recognisedAfter(times(20, 'はい'))).toBe(12);
  });

  it('does not take a conversation, a repeated question or a list of numbers for a machine', () => {
    expect(recognisedAfter(times(3, 'Can I speak to somebody?'))).toBeUndefined();
    expect(
      recognisedAfter([1, 2, 3, 4, 5, 6].map((n) => `The next order is number 471${n}.`)),
    ).toBeUndefined();
    expect(recognisedAfter(['Hello there, good morning.', 'What are your hours?', '', ''])).toBeUndefined();
  });
});
