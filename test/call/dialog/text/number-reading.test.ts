import { describe, expect, it, test } from 'vitest';
import { mayContinueNumber } from '../../../../src/call/dialog/text/spoken-digits.ts';
import { talk } from '../../scripted-talk.ts';

test.each([
  '0987',
  'My number is 0987',
  '0987.',
  'Yes, 0987.',
  '+49 30',
  'It is 0-3-0,',
  '030...',
  'zero nine eight seven',
  'Zero, nine, eight.',
  'double seven four',
  'My number is zero nine eight',
  'null drei null',
  'Und dann vier sieben.',
  'zéro six douze 12',
  'cero nueve ocho',
  '〇九八七',
  '零三四、',
  '공구팔칠',
  'ноль девять восемь',
])('%s may be one group of a number', (text) => {
  expect(mayContinueNumber(text)).toBe(true);
});

test.each([
  '',
  'My number is 0987654321.',
  'It is four seven one one.',
  'Five five five, zero one nine nine.',
  'I called at 9 and nobody answered.',
  'Is it 4711?',
  'Zero nine?',
  'I would like the second one.',
  'one',
  'Yes.',
  'What are your hours?',
  '회사',
  'Ich habe eins.',
])('%s is complete', (text) => {
  expect(mayContinueNumber(text)).toBe(false);
});

describe('a caller who reads a number in groups', () => {
  it.each([
    // kyutai-labs/unmute#130
    [['0987', '654', '321']],
    // Azure-Samples/cognitive-services-speech-sdk#1132: groups with a full stop, and in words
    [['0987.', '654.', '321.']],
    [['zero nine eight', 'seven six five', 'four three']],
    [['Meine Nummer ist 030', '12 34', '56 78.']],
  ])('gets one answer after the last group, and is never spoken over: %j', async (groups) => {
    const { call, replier } = talk({ texts: groups, replies: ['Thank you.', 'Thank you.', 'Thank you.'] });
    await call.heardOut();
    for (const [index] of groups.entries()) {
      if (index > 0) await call.run(900);
      await call.callerSays(1_200);
    }
    const tookMs = await call.until(() => call.phone.playing);
    expect(tookMs).toBeGreaterThanOrEqual(1_500);
    expect(tookMs).toBeLessThan(2_200);
    await call.run(5_000);
    expect(call.phone.clears).toEqual([]);
    expect(call.pieces).toEqual(['Hello.', 'Thank you.']);
    expect(replier.shown).toHaveLength(1);
    expect(replier.shown[0]!.slice(1).map(({ text }) => text)).toEqual(groups);
  });

  it('is answered without delay after another text', async () => {
    const { call } = talk({ texts: ['0987', 'That was all of it.'], replies: ['Thank you.'] });
    await call.heardOut();
    await call.callerSays(1_200);
    await call.run(900);
    await call.callerSays(1_200);
    expect(await call.until(() => call.phone.playing)).toBeLessThan(1_400);
  });

  it('hears a filler in time if the reply is late', async () => {
    const { call } = talk({ texts: ['0987'], replies: [[{ afterMs: 8_000, give: 'Thank you.' }]] });
    await call.heardOut();
    await call.callerSays(1_200);
    expect(await call.until(() => call.phone.playing)).toBeLessThan(4_000);
  });
});
