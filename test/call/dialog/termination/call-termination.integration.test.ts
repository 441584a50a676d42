import { describe, expect, it } from 'vitest';
import { talk } from '../../scripted-talk.ts';

const GOODBYE = 'That is all, thank you, goodbye.';
const oddities = (call: ReturnType<typeof talk>['call']) => call.journal.of('oddity').map(({ what }) => what);

// utsavk1993/wren#55, openclaw/openclaw PR 132367, vocodedev/vocode-core PR 191: nobody hangs up.
describe('a mutual farewell', () => {
  it.each([
    [GOODBYE, 'Goodbye, have a nice day!'],
    ['Danke, auf Wiederhören.', 'Auf Wiederhören!'],
    ['Merci, au revoir.', 'Au revoir, bonne journée.'],
    ['Спасибо, до свидания.', 'До свидания!'],
  ])('ends the call once it was heard: %s', async (caller, assistant) => {
    const { call } = talk({ texts: [caller], replies: [assistant] });
    await call.heardOut();
    await call.callerSays(1_500);
    await call.heardOut();
    expect(call.phone.hangUps).toEqual([]);
    await call.run(2_000);
    expect(call.phone.hangUps).toHaveLength(1);
    expect(call.pieces).toEqual(['Hello.', assistant]);
    expect(oddities(call)).toEqual(['hanging up: farewell']);
  });

  it('is cancelled by a caller who speaks again', async () => {
    const { call } = talk({
      texts: [GOODBYE, 'Wait, when do you open?'],
      replies: ['Goodbye, have a nice day!', 'We open at nine.'],
    });
    await call.heardOut();
    await call.callerSays(1_500);
    await call.heardOut();
    await call.run(300);
    await call.callerSays(1_500);
    await call.heardOut();
    await call.run(5_000);
    expect(call.phone.hangUps).toEqual([]);
    expect(call.pieces.at(-1)).toBe('We open at nine.');
  });

  it.each([
    ['What are your hours?', 'We are open until six. Have a nice day!'],
    [GOODBYE, 'Before you go, may I have your number?'],
    ['How do you say goodbye in Dutch?', 'Tot ziens!'],
  ])('is not assumed of one side: %s %s', async (caller, assistant) => {
    const { call } = talk({ texts: [caller], replies: [assistant] });
    await call.heardOut();
    await call.callerSays(1_500);
    await call.heardOut();
    await call.run(5_000);
    expect(call.phone.hangUps).toEqual([]);
  });
});

// futel/asteriskserver#49, MakingChatbots/ivr-tester#95, eigger/hass-sip#41: menus that loop for ever.
describe('a machine that calls', () => {
  it('is hung up on after four repetitions, with a goodbye', async () => {
    const menu = 'Press one for sales.';
    const replies = Array.from({ length: 20 }, () => 'Certainly, one moment please.');
    const { call, replier } = talk({ texts: Array.from({ length: 20 }, () => menu), replies });
    await call.heardOut();
    for (let n = 0; n < 20 && call.phone.hangUps.length === 0; n += 1) {
      await call.callerSays(6_000);
      await call.run(6_000);
    }
    expect(replier.shown).toHaveLength(3);
    expect(call.pieces.at(-1)).toBe('<goodbye>');
    expect(oddities(call)).toEqual(['hanging up: the caller repeats one text']);
  });
});

// kirklandsig/AIReceptionist#11, microsoft/call-center-ai#357, XiyaoWang0519/agent-call PR 23: music on hold.
describe('a line on which only noise is heard', () => {
  const films = Array.from({ length: 400 }, (_, n) => `Line ${n} of a film about the ${n % 7} seas.`);
  const replies = Array.from({ length: 400 }, () => 'How can I help you?');

  async function minutesUntilHungUp(
    script: Parameters<typeof talk>[0],
    sound: { readonly ms: number; readonly pauseMs: number },
    settings: NonNullable<Parameters<typeof talk>[1]>['settings'] = {},
  ) {
    const { call } = talk(script, { settings });
    await call.heardOut();
    for (let ms = 0; ms < 10 * 60_000 && call.phone.hangUps.length === 0; ms += sound.ms + sound.pauseMs) {
      await call.callerSays(sound.ms);
      if (sound.pauseMs > 0) await call.run(sound.pauseMs);
    }
    return { call, minutes: call.phone.hangUps.length > 0 ? call.nowMs / 60_000 : Infinity };
  }

  it('that never pauses is asked for a sign once, and the call ends', async () => {
    const { call, minutes } = await minutesUntilHungUp({ texts: films, replies }, { ms: 10_000, pauseMs: 0 });
    expect(minutes).toBeGreaterThan(3);
    expect(minutes).toBeLessThan(5);
    expect(call.pieces.filter((text) => text === '<still-there>')).toHaveLength(1);
    expect(call.pieces.at(-1)).toBe('<goodbye>');
    expect(oddities(call).at(-1)).toBe('hanging up: only noise is heard');
  });

  it('in which no words are found ends too', async () => {
    const { call, minutes } = await minutesUntilHungUp({}, { ms: 3_000, pauseMs: 4_000 });
    expect(minutes).toBeLessThan(5);
    expect(call.pieces.at(-1)).toBe('<goodbye>');
  });

  it('that talks over every reply ends too', async () => {
    const { minutes } = await minutesUntilHungUp({ texts: films, replies }, { ms: 5_000, pauseMs: 1_500 });
    expect(minutes).toBeLessThan(5);
  });

  it('lasts as long as the setting says', async () => {
    const never = await minutesUntilHungUp({}, { ms: 3_000, pauseMs: 4_000 }, { talk: { oneSidedMs: 0 } });
    expect(never.minutes).toBe(Infinity);
    const soon = await minutesUntilHungUp(
      {},
      { ms: 3_000, pauseMs: 4_000 },
      { talk: { oneSidedMs: 60_000 } },
    );
    expect(soon.minutes).toBeLessThan(3);
  });

  it('is not assumed of a caller who listens to the replies', async () => {
    const { call, minutes } = await minutesUntilHungUp(
      { texts: films, replies },
      { ms: 6_000, pauseMs: 5_000 },
    );
    expect(minutes).toBe(Infinity);
    expect(call.pieces).not.toContain('<still-there>');
  });
});
