import { describe, expect, it } from 'vitest';
import { ListeningLine } from '../doubles/listening-line.ts';
import { type ResponsePart, ScriptedSpeechToSpeech } from '../doubles/scripted-speech-to-speech.ts';
import { RehearsedCall } from './rehearsed-call.ts';
import { talk } from './scripted-talk.ts';

const TURNS = {
  endOfTurnMs: 700,
  preRollMs: 300,
  minSpeechMs: 120,
  bargeInMs: 400,
  longestUtteranceMs: 30_000,
  pauseMs: 180,
};
const REPLY: readonly ResponsePart[] = [
  { afterMs: 200, words: 'We are open from nine to five.' },
  { afterMs: 0, audioMs: 2_000 },
];

/** A call whose turns a service decides about, which hears the end of a turn after this silence. */
function spokenTo(
  silenceMs: number,
  texts: readonly string[],
  eagerReplies: 'off' | 'text' | 'reply' = 'reply',
) {
  const clock = RehearsedCall.clock();
  const model = new ScriptedSpeechToSpeech(
    clock.sleep,
    texts.map(() => REPLY),
    texts.map((give) => ({ afterMs: 100, give })),
  );
  const line = new ListeningLine(silenceMs);
  model.line = line;
  const settings = { turns: TURNS, talk: { eagerReplies } };
  const { call, transcriber } = talk({ texts: [] }, { clock, speechToSpeech: model, settings });
  return { call, model, line, transcriber };
}

/** From the last voiced frame of the last turn to its end, in milliseconds. */
function silenceOf(call: RehearsedCall): number {
  const { atMs, endMs } = call.journal.of('utterance').at(-1)!;
  const stream = call.journal.of('stream')[0]!;
  return atMs - stream.atMs - endMs;
}

async function ended(call: RehearsedCall, turns = 1): Promise<void> {
  await call.until(() => call.journal.of('utterance').length === turns, 6_000);
}

describe('a service that decides where turns end', () => {
  it.each([
    ['My number is', 300],
    ['Are you open today?', 900],
    ['', 1_500],
  ])('ends the turn after “%s” when it says so, after %i ms', async (text, silenceMs) => {
    const { call, model } = spokenTo(silenceMs, [text]);
    await call.heardOut();
    await call.callerSays(1_500);
    await ended(call);
    expect(silenceOf(call)).toBeGreaterThanOrEqual(silenceMs);
    expect(silenceOf(call)).toBeLessThanOrEqual(silenceMs + 100);
    expect(model.heard).toHaveLength(1);
  });

  it('waits for a caller who pauses in mid-sentence: one turn', async () => {
    const { call } = spokenTo(1_800, ['I would like', 'I would like an appointment.']);
    await call.heardOut();
    await call.callerSays(1_000);
    await call.run(1_500);
    await call.callerSays(1_000);
    await call.heardOut();
    expect(call.journal.of('utterance')).toHaveLength(1);
    expect(call.transcript.slice(1)).toEqual([
      'Caller: I would like an appointment.',
      'Assistant: We are open from nine to five.',
    ]);
  });

  it('is not waited for: the caller hears the reply within 4 s of silence', async () => {
    const { call } = spokenTo(Infinity, ['Are you open?']);
    await call.heardOut();
    await call.callerSays(1_500);
    await ended(call);
    expect(silenceOf(call)).toBeGreaterThanOrEqual(2_500);
    expect(silenceOf(call)).toBeLessThan(2_600);
    expect(await call.until(() => call.phone.playing)).toBeLessThan(1_400);
  });

  it('does not hear the caller: the usual silence ends the turn', async () => {
    const { call, model } = spokenTo(300, ['Are you open?']);
    model.line = { hear: () => undefined, turnOf: () => 'unheard' };
    await call.heardOut();
    await call.callerSays(1_500);
    await ended(call);
    expect(silenceOf(call)).toBeGreaterThanOrEqual(700);
    expect(silenceOf(call)).toBeLessThan(800);
  });

  it('ends the turn while we still hear the caller: it is over at our own pause', async () => {
    const { call, model } = spokenTo(300, ['Are you open?']);
    model.line = { hear: () => undefined, turnOf: () => 'over' };
    await call.heardOut();
    await call.callerSays(1_500);
    await ended(call);
    expect(silenceOf(call)).toBeGreaterThanOrEqual(180);
    expect(silenceOf(call)).toBeLessThan(260);
  });

  it.each([
    ['Are you open today?', 350],
    ['My number is', 1_500],
  ])('and stops deciding while the caller pauses after “%s”: the words decide', async (text, silenceMs) => {
    const { call, model } = spokenTo(Infinity, [text]);
    await call.heardOut();
    await call.callerSays(1_500);
    await call.run(320);
    model.line = undefined;
    await ended(call);
    expect(silenceOf(call)).toBeGreaterThanOrEqual(silenceMs);
    expect(silenceOf(call)).toBeLessThan(silenceMs + 120);
  });

  it('is not asked for drafts: the model has not heard the turn before it is over', async () => {
    const { call, model } = spokenTo(900, ['Are you open today?']);
    await call.heardOut();
    await call.callerSays(1_500);
    await call.run(800);
    expect(model.shown).toEqual([]);
    await call.heardOut();
    expect(model.shown[0]!.map(({ id }) => id)).toEqual(['reply 1', 'turn 1']);
    expect(call.journal.of('draft-discarded')).toEqual([]);
  });

  it('decides also if no texts are requested early', async () => {
    const { call } = spokenTo(900, ['Are you open today?'], 'off');
    await call.heardOut();
    await call.callerSays(1_500);
    await ended(call);
    expect(silenceOf(call)).toBeGreaterThanOrEqual(900);
    expect(silenceOf(call)).toBeLessThan(1_000);
    await call.heardOut();
    const [answer] = call.journal.of('answer');
    expect(answer!.answer.request).toBe('turn 1');
  });

  it('lets an interrupted reply continue after a word of assent', async () => {
    const { call } = spokenTo(900, ['Are you open today?', 'Okay.']);
    await call.heardOut();
    await call.callerSays(1_500);
    await call.until(() => call.phone.playing);
    await call.run(600);
    await call.callerSays(600);
    await call.heardOut();
    expect(call.transcript.slice(1)).toEqual([
      'Caller: Are you open today?',
      'Assistant: We are open from nine to five.',
      'Caller: Okay.',
    ]);
  });

  it.each([
    [300, ['My number is 0 3 0,', '4 5 6,', '7 8 9 0 1.']],
    [850, ['My number is 0 3 0,', '4 5 6,', '7 8 9 0 1.']],
    [1_200, ['My number is 030', 'My number is 030 456', 'My number is 030 456 78901.', '']],
    [Infinity, ['My number is 030', 'My number is 030 456', 'My number is 030 456 78901.', '']],
  ])('ends turns after %i ms: a number in groups gets one reply, after its last group', async (ms, texts) => {
    const { call, model } = spokenTo(ms, texts);
    await call.heardOut();
    for (const [spokenMs, pauseMs] of [
      [1_200, 900],
      [800, 900],
      [800, 0],
    ] as const) {
      await call.callerSays(spokenMs);
      await call.run(pauseMs);
    }
    expect(model.shown).toEqual([]);
    expect(await call.until(() => call.phone.playing)).toBeLessThan(4_000);
    await call.heardOut();
    expect(model.shown).toHaveLength(1);
    expect(call.transcript.at(-1)).toBe('Assistant: We are open from nine to five.');
  });

  it.each([300, 900, Infinity])(
    'hears what is said to an operator; after the hand-back it decides again (%i ms)',
    async (ms) => {
      const { call, model } = spokenTo(ms, ['Are you open today?', 'Who is it?', 'And on Sunday?', '']);
      await call.heardOut();
      await call.callerSays(1_500);
      await call.until(() => call.phone.playing);
      await call.run(600);
      call.call.takeOver(call.clock.nowMs);
      await call.callerSays(1_000);
      await call.run(3_000);
      expect(model.shown).toHaveLength(1);
      call.call.guide('Offer Monday.', call.clock.nowMs);
      call.call.answerers.handBack(call.clock.nowMs);
      await call.callerSays(1_000);
      expect(await call.until(() => call.phone.playing)).toBeLessThan(4_000);
      await call.heardOut();
      expect(call.transcript.slice(1)).toEqual([
        'Caller: Are you open today?',
        'Assistant: We are open —',
        'Caller: Who is it?',
        'Caller: And on Sunday?',
        'Assistant: We are open from nine to five.',
      ]);
      expect(model.heard.map(({ turn }) => turn)).toEqual([1, 2, 3]);
      expect(
        model.shown
          .at(-1)!
          .slice(2)
          .map(({ text }) => text),
      ).toEqual(['We are open —', 'Who is it?', 'Offer Monday.', 'And on Sunday?']);
    },
  );

  it('hears every frame once, in order, while the caller is silent and while the assistant speaks', async () => {
    const { call, line } = spokenTo(900, ['Are you open today?']);
    await call.heardOut();
    await call.callerSays(1_500);
    await call.heardOut();
    const frames = call.journal.of('caller');
    expect(line.frames.length).toBe(frames.length);
    const again = frames.at(-1)!;
    call.call.media(again.streamMs, again.mulaw, call.clock.nowMs);
    call.call.media(again.streamMs - 10, again.mulaw, call.clock.nowMs);
    expect(line.frames.length).toBe(frames.length);
    call.call.media(again.streamMs + 10, again.mulaw, call.clock.nowMs);
    expect(line.frames.at(-1)).toEqual({ fromMs: again.streamMs + 20, samples: 80 });
  });
});
