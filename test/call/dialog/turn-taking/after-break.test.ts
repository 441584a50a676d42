import { describe, expect, test } from 'vitest';
import type { CallHistory } from '../../../../src/call/call-options.ts';
import { talk } from '../../scripted-talk.ts';

const HISTORY: CallHistory = {
  said: [{ speaker: 'assistant', text: 'Hello.' }],
  turns: 3,
  replies: 4,
  pieces: 5,
  keys: 0,
  startedAtMs: 0,
  zeroAtMs: 1_700_000_000_000 - 60_000,
  endMs: 50_000,
  format: 'wav',
};

/** What a caller hears whose call continues in another process, and what the model was shown. */
async function comesBack(history: Partial<CallHistory>) {
  const { call, replier } = talk({ replies: ['We open at nine.'] }, { history: { ...HISTORY, ...history } });
  await call.heardOut();
  return { pieces: call.pieces, shown: replier.shown };
}

describe('A call whose process has ended', () => {
  test('whose caller waits for a reply is told so, and gets the reply', async () => {
    const said = [...HISTORY.said, { speaker: 'caller', text: 'When do you open?' }] as const;
    const { pieces, shown } = await comesBack({ said });
    expect(pieces).toEqual(['<filler-1>', 'We open at nine.']);
    expect(shown).toHaveLength(1);
    expect(shown[0]!.map(({ text }) => text)).toContain('When do you open?');
  });

  test('whose reply broke off goes on with it', async () => {
    const { pieces, shown } = await comesBack({ said: [{ speaker: 'assistant', text: 'We open —' }] });
    expect(pieces).toEqual(['<filler-1>', 'We open at nine.']);
    expect(shown[0]!.at(-1)).toMatchObject({ speaker: 'guidance' });
    expect(shown[0]!.at(-1)!.text).toContain('interrupted while you were speaking');
  });

  test('whose last words of the caller have no text asks for them', async () => {
    const { pieces, shown } = await comesBack({ interruption: { lacksText: true } });
    expect(pieces).toEqual(['<not-understood>']);
    expect(shown).toEqual([]);
  });

  test('whose caller was to speak is asked whether anybody is there', async () => {
    expect((await comesBack({})).pieces).toEqual(['<still-there>']);
  });
});

describe('A call that another machine handed over between two turns', () => {
  test('goes on without a word', async () => {
    const { call } = talk({}, { history: { ...HISTORY, interruption: { moved: true } } });
    await call.run(3_000);
    expect(call.pieces).toEqual([]);
  });

  test('replies to what was said last', async () => {
    const said = [...HISTORY.said, { speaker: 'caller', text: 'When do you open?' }] as const;
    expect((await comesBack({ said, interruption: { moved: true } })).pieces).toEqual(['We open at nine.']);
  });
});
