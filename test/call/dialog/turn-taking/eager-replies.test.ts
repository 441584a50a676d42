import { describe, expect, it } from 'vitest';
import type { CallSettings, EagerReplies } from '../../../../src/events/call-settings.ts';
import { type Scripted, ScriptedTranscriber } from '../../../doubles/scripted-services.ts';
import { RehearsedCall, USUAL } from '../../rehearsed-call.ts';
import { talk } from '../../scripted-talk.ts';

interface Script {
  readonly texts: readonly (Scripted<string> | string)[];
  readonly replies?: readonly string[];
  readonly eager?: EagerReplies;
}

/** A text that arrives before the silence after a finished sentence ends the turn. */
const soon = (give: string): Scripted<string> => ({ afterMs: 50, give });

/** A call whose greeting was heard. */
async function listening({ texts, replies = ['We are open until six.'], eager = 'reply' }: Script) {
  const turns: CallSettings['turns'] = { ...USUAL.turns, pauseMs: eager === 'off' ? undefined : 180 };
  const scene = talk(
    { texts, replies },
    { settings: { turns, talk: { eagerReplies: eager, language: 'en' } } },
  );
  await scene.call.heardOut();
  return scene;
}

type Scene = Awaited<ReturnType<typeof listening>>;

/** From the caller's last frame to the first sound of the reply. */
async function waitedMs({ call }: Scene): Promise<number> {
  await call.callerSays(1_000);
  return call.until(() => call.phone.playing);
}

describe('the text of a pause', () => {
  it('ends the turn early after a finished sentence, with the reply prepared', async () => {
    const texts = [soon('When are you open?')];
    const eager = await listening({ texts });
    const off = await listening({ texts, eager: 'off' });
    const withText = await listening({ texts, eager: 'text' });
    const [fast, slow, between] = [await waitedMs(eager), await waitedMs(off), await waitedMs(withText)];
    // 700 ms of silence, then the text after 50 ms, reply and voice after 200 ms each.
    expect(slow).toBeGreaterThan(1_100);
    // A pause of 180 ms, then the same.
    expect(fast).toBeLessThan(700);
    expect(between).toBeGreaterThan(fast);
    expect(between).toBeLessThan(slow);
    await eager.call.heardOut();
    expect(eager.call.transcript).toEqual([
      'Assistant: Hello.',
      'Caller: When are you open?',
      'Assistant: We are open until six.',
    ]);
    expect(eager.transcriber.asked).toHaveLength(1);
    expect(eager.replier.shown).toHaveLength(1);
    expect(eager.call.journal.of('draft-discarded')).toEqual([]);
  });

  it('waits longer after words that go on', async () => {
    const { call } = await listening({
      texts: ['My number is.', 'My number is four.'],
      replies: ['Thanks.'],
    });
    await call.callerSays(600);
    await call.run(1_100);
    await call.callerSays(600);
    await call.heardOut();
    expect(call.transcript.slice(1)).toEqual(['Caller: My number is four.', 'Assistant: Thanks.']);
  });

  it('is requested again at the end if the first request failed', async () => {
    const { call, transcriber } = await listening({
      texts: [{ afterMs: 50, give: new Error('down') }, 'When are you open?'],
    });
    await call.callerSays(1_000);
    await call.heardOut();
    expect(transcriber.asked).toHaveLength(2);
    expect(call.transcript.at(-1)).toBe('Assistant: We are open until six.');
  });

  it('that arrives after the turn is over belongs to it, and is requested once', async () => {
    const { call, transcriber } = await listening({
      texts: [{ afterMs: 1_500, give: 'When are you open?' }],
    });
    await call.callerSays(1_000);
    await call.heardOut();
    expect(transcriber.asked).toHaveLength(1);
    expect(call.transcript.slice(1)).toEqual([
      'Caller: When are you open?',
      'Assistant: We are open until six.',
    ]);
  });

  it('is requested at most three times for a turn, and not for long speech', async () => {
    const { call, transcriber } = await listening({ texts: Array.from({ length: 9 }, () => 'It is, and') });
    for (let pause = 0; pause < 6; pause += 1) {
      await call.callerSays(400);
      await call.run(400);
    }
    expect(transcriber.asked).toHaveLength(3);
    await call.run(3_000);
    const before = transcriber.asked.length;
    await call.callerSays(11_000);
    await call.run(600);
    expect(transcriber.asked).toHaveLength(before);
  });
});

describe('a prepared reply', () => {
  it('is discarded if the caller goes on: nothing of it is sent, and it is counted', async () => {
    const { call, replier } = await listening({
      texts: [soon('When are you open?'), soon('When are you open on Sundays?')],
      replies: ['We are open until six.', 'On Sundays we are closed.'],
    });
    await call.callerSays(800);
    // Before the silence of 350 ms, after the text.
    await call.run(280);
    expect(replier.shown).toHaveLength(1);
    await call.callerSays(600);
    await call.heardOut();
    expect(call.transcript.slice(1)).toEqual([
      'Caller: When are you open on Sundays?',
      'Assistant: On Sundays we are closed.',
    ]);
    expect(call.journal.of('draft-discarded')).toHaveLength(1);
    expect(call.reading.figures.discardedDrafts).toBe(1);
  });

  it('is discarded if a key is pressed, or an operator instructs the assistant', async () => {
    for (const act of ['key', 'guide'] as const) {
      const { call, replier } = await listening({
        texts: [soon('When are you open?')],
        replies: ['We are open until six.', 'As you wish.'],
      });
      await call.callerSays(800);
      await call.until(() => replier.shown.length === 1);
      if (act === 'key') call.call.key('5', call.clock.nowMs);
      else call.call.guide('Offer a call back.', call.clock.nowMs);
      await call.heardOut();
      expect(call.transcript.at(-1)).toBe('Assistant: As you wish.');
      expect(call.journal.of('draft-discarded')).toHaveLength(1);
    }
  });

  it('is not made while our side is audible', async () => {
    const { call, replier } = await listening({
      texts: ['Tell me.', 'Okay.'],
      replies: ['One two three four five six seven eight nine ten eleven twelve.'],
    });
    await call.callerSays(800);
    await call.until(() => call.phone.playing);
    await call.callerSays(300);
    await call.heardOut();
    expect(replier.shown).toHaveLength(1);
  });

  it('is made again on the next stream if the stream broke before anything of it was heard', async () => {
    const { call } = await listening({
      texts: [soon('When are you open?')],
      replies: ['We are open until six.', 'We are open until six.'],
    });
    await call.callerSays(1_000);
    await call.until(() => call.journal.of('piece').some(({ role }) => role === 'reply'));
    call.call.streamEnded('closed', call.clock.nowMs);
    await call.run(1_000);
    call.connect();
    await call.heardOut();
    expect(call.transcript.at(-1)).toBe('Assistant: We are open until six.');
  });

  it('is not made while an operator answers', async () => {
    const { call } = await listening({ texts: ['Okay.'] });
    call.call.takeOver(call.clock.nowMs);
    await call.callerSays(600);
    await call.run(1_000);
    expect(call.journal.of('draft-discarded')).toEqual([]);
    expect(call.journal.of('answer').filter(({ answer }) => answer.service === 'chat')).toEqual([]);
  });
});

/** What a transcription service makes of a number that is read in groups: its language, and the text at each pause. */
const GROUPS: readonly (readonly [string, readonly string[]])[] = [
  ['en', ['My number is 030.', 'My number is 030 456.', 'My number is 030 456 78901.']],
  ['en', ['It is four seven', 'It is four seven one one', 'It is four seven one one, three five.']],
  ['en', ['4711', '4711 9926', '4711 9926 35']],
  ['en', ['My order number is 4711.', 'My order number is 4711-9926.', 'My order number is 4711-9926-35.']],
  ['en', ['Oh three oh,', 'Oh three oh, four five six,', 'Oh three oh, four five six, seven eight.']],
  ['de', ['Meine Nummer ist 030.', 'Meine Nummer ist 030 456.', 'Meine Nummer ist 030 456 78 90.']],
  ['de', ['Null drei null', 'Null drei null vier fünf sechs', 'Null drei null vier fünf sechs sieben.']],
  ['es', ['Mi número es 912.', 'Mi número es 912 345.', 'Mi número es 912 345 678.']],
  ['fr', ['Mon numéro est le 01.', 'Mon numéro est le 01 42.', 'Mon numéro est le 01 42 68.']],
  ['fr', ['01', '01 42', '01 42 68 53']],
];

it.each(GROUPS)(
  'a number in groups, 900 ms apart, gets one reply, after its last group (%s: %s)',
  async (language, texts) => {
    const scene = talk(
      { texts: texts.map(soon), replies: ['Thank you.'] },
      {
        settings: {
          turns: { ...USUAL.turns, pauseMs: 180 },
          talk: { eagerReplies: 'reply', language },
        },
      },
    );
    const { call } = scene;
    await call.heardOut();
    for (const group of texts) {
      await call.callerSays(800);
      if (group !== texts.at(-1)) await call.run(900);
      expect(call.phone.playing).toBe(false);
    }
    await call.heardOut();
    expect(call.transcript.slice(1)).toEqual([`Caller: ${texts.at(-1)}`, 'Assistant: Thank you.']);
  },
);

it('a caller who pauses between sentences is cut off once', async () => {
  const { call, replier } = await listening({
    texts: Array.from({ length: 12 }, () => soon('It is about my order.')),
    replies: Array.from({ length: 12 }, () => 'I see.'),
  });
  for (let sentence = 0; sentence < 6; sentence += 1) {
    await call.callerSays(800);
    await call.run(500);
  }
  await call.heardOut();
  expect(call.journal.of('utterance').length).toBeLessThanOrEqual(3);
  expect(replier.shown.length).toBeLessThanOrEqual(6);
});

it('the texts of messages are requested once', async () => {
  const clock = RehearsedCall.clock();
  const texts = Array.from({ length: 9 }, () => ({ afterMs: 50, give: 'It is, and' }));
  const transcriber = new ScriptedTranscriber(clock.sleep, texts);
  const settings = { turns: { ...USUAL.turns, pauseMs: 180 }, talk: { eagerReplies: 'reply' as const } };
  const call = new RehearsedCall(clock, { transcriber, settings });
  await call.heardOut();
  for (let pause = 0; pause < 3; pause += 1) {
    await call.callerSays(600);
    await call.run(400);
  }
  await call.run(3_000);
  expect(transcriber.asked).toHaveLength(call.journal.of('utterance').length);
});
