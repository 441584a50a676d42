import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../src/call/ports.ts';
import { exportCall } from '../../src/simulator/fixtures/exported-call.ts';
import { type ResponsePart, ScriptedSpeechToSpeech } from '../doubles/scripted-speech-to-speech.ts';
import type { Scripted } from '../doubles/scripted-services.ts';
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
const BROKEN = new ServiceError('speech-to-speech', 'replying', {
  transient: true,
  details: { server: 'voice.example', said: 'the connection was closed' },
});
const OPEN = 'We are open from nine to five. On Sundays we are closed.';
/** Faster than real time: 3.2 s of audio within 0.4 s. */
const OPEN_HOURS: readonly ResponsePart[] = [
  { afterMs: 200, words: 'We are open ' },
  { afterMs: 0, audioMs: 400 },
  { afterMs: 200, words: 'from nine to five. ' },
  { afterMs: 0, audioMs: 1_400 },
  { afterMs: 200, words: 'On Sundays we are closed.' },
  { afterMs: 0, audioMs: 1_400 },
];

interface Script {
  readonly responses: readonly (readonly ResponsePart[])[];
  /** Of the session; absent: it gives none. */
  readonly texts?: readonly Scripted<string>[];
  /** Of whole utterances. */
  readonly whole?: readonly string[];
  readonly replies?: readonly string[];
}

/** A call that a speech-to-speech model answers. `alone`: there are no other services. */
function spokenTo(script: Script, { alone = false, drafts = false } = {}) {
  const clock = RehearsedCall.clock();
  const model = new ScriptedSpeechToSpeech(clock.sleep, script.responses, script.texts);
  const none = { transcriber: undefined, replier: undefined, voice: undefined };
  const talked = talk(
    { texts: script.whole ?? [], replies: script.replies ?? [] },
    {
      clock,
      speechToSpeech: model,
      settings: { turns: TURNS, talk: { eagerReplies: drafts ? 'reply' : 'text' } },
      ...(alone && none),
    },
  );
  return { ...talked, model };
}

const give = (text: string): Scripted<string> => ({ afterMs: 100, give: text });
const textsOf = (call: RehearsedCall) => call.journal.of('piece-complete').map(({ text }) => text);

describe('a speech-to-speech model', () => {
  it('hears the caller and replies in its own voice; the record has its words', async () => {
    const { call, model, replier, voice } = spokenTo({
      texts: [give('Are you open today?')],
      responses: [OPEN_HOURS],
    });
    await call.heardOut();
    await call.callerSays(1_500);
    await call.heardOut();
    expect(call.transcript).toEqual([
      'Assistant: Hello.',
      'Caller: Are you open today?',
      `Assistant: ${OPEN}`,
    ]);
    expect(model.shown[0]!.map(({ id, text }) => [id, text])).toEqual([
      ['reply 1', 'Hello.'],
      ['turn 1', 'Are you open today?'],
    ]);
    expect(model.heard).toEqual([{ turn: 1, samples: expect.any(Number) as number }]);
    expect(replier.shown).toEqual([]);
    expect(voice.asked).toEqual([]);
    const { answer } = call.journal.of('answer').at(-1)!;
    expect(answer).toMatchObject({ service: 'speech-to-speech', request: 'Are you open today?' });
    expect(answer.error).toBeUndefined();
    expect(call.journal.of('piece').at(-1)!.spoken).toEqual({ request: answer.id, fromSample: 0 });
  });

  it('replies although nobody gives the text of what it heard', async () => {
    const { call, model } = spokenTo({ responses: [OPEN_HOURS] }, { alone: true });
    await call.heardOut();
    await call.callerSays(1_500);
    await call.heardOut();
    expect(textsOf(call).at(-1)).toBe(OPEN);
    expect(call.transcript[1]).toBe('Caller: [not yet transcribed]');
    expect(model.heard).toHaveLength(1);
    expect(call.journal.of('answer').filter(({ answer }) => answer.service === 'transcription')).toEqual([]);
    expect(call.journal.of('no-text').map(({ reason }) => reason)).toEqual([
      'the session gave no text, and no transcription service is configured',
    ]);
  });

  it('gets the text of the whole utterance if the session has none', async () => {
    const { call } = spokenTo({ responses: [OPEN_HOURS], whole: ['Are you open?'] });
    await call.heardOut();
    await call.callerSays(1_500);
    await call.heardOut();
    expect(call.transcript[1]).toBe('Caller: Are you open?');
  });

  it('is told when the caller goes on after a pause', async () => {
    const { call, model } = spokenTo({
      texts: [give('My number is'), give('My number is five.')],
      responses: [OPEN_HOURS],
    });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.run(400);
    await call.callerSays(1_000);
    await call.heardOut();
    expect(model.retracted).toHaveLength(1);
    expect(model.heard).toHaveLength(1);
    expect(model.heard[0]!.samples).toBeGreaterThan(model.retracted[0]!);
  });
});

describe('a reply that is prepared while the caller pauses', () => {
  it('is requested at the pause, and is heard at the end of the turn', async () => {
    const { call, model } = spokenTo(
      { texts: [give('Are you open today?')], responses: [OPEN_HOURS] },
      { drafts: true },
    );
    await call.heardOut();
    await call.callerSays(1_500);
    await call.until(() => model.shown.length === 1, 400);
    expect(call.journal.of('utterance')).toEqual([]);
    expect(model.shown[0]!.map(({ id }) => id)).toEqual(['reply 1']);
    await call.heardOut();
    expect(call.transcript.at(-1)).toBe(`Assistant: ${OPEN}`);
    expect(model.shown).toHaveLength(1);
  });

  it('is cancelled when the caller goes on, and another one is requested', async () => {
    const { call, model } = spokenTo(
      { texts: [give('Are you open.'), give('Are you open today?')], responses: [OPEN_HOURS, OPEN_HOURS] },
      { drafts: true },
    );
    await call.heardOut();
    await call.callerSays(1_000);
    await call.until(() => model.shown.length === 1, 400);
    await call.callerSays(1_000);
    await call.heardOut();
    expect(model.cancelled).toBe(1);
    expect(model.shown).toHaveLength(2);
    expect(call.transcript.slice(1)).toEqual(['Caller: Are you open today?', `Assistant: ${OPEN}`]);
  });
});

describe('a long reply that was prepared and is interrupted', () => {
  it('continues where it was cut, although all of its audio was there before', async () => {
    const LONGEST: readonly ResponsePart[] = [
      { afterMs: 0, words: OPEN },
      ...Array.from({ length: 115 }, () => ({ afterMs: 0, audioMs: 1_000 })),
    ];
    const { call } = spokenTo(
      { texts: [give('Are you open today?'), give('Okay.')], responses: [LONGEST] },
      { drafts: true },
    );
    await call.heardOut();
    await call.callerSays(1_500);
    await call.until(() => call.phone.playing);
    await call.run(2_000);
    await call.callerSays(600);
    await call.until(() => call.journal.of('piece-complete').length === 2, 150_000);
    const [, rest] = call.journal.of('piece').filter(({ spoken }) => spoken);
    const sent = call.journal.of('sent').filter(({ piece }) => piece === rest!.piece);
    const samples = sent.reduce((sum, one) => sum + one.samples, 0);
    expect(rest!.spoken!.fromSample).toBeLessThan(24_000);
    expect(Math.abs(rest!.spoken!.fromSample + samples - 920_000)).toBeLessThan(400);
  });
});

describe('a spoken reply that the caller interrupts', () => {
  async function interrupted(texts: readonly Scripted<string>[]) {
    const talked = spokenTo({
      texts,
      responses: [
        OPEN_HOURS,
        [
          { afterMs: 200, words: 'Sure.' },
          { afterMs: 0, audioMs: 600 },
        ],
      ],
    });
    const { call } = talked;
    await call.heardOut();
    await call.callerSays(1_500);
    await call.until(() => call.phone.playing);
    await call.run(1_000);
    await call.callerSays(1_000);
    await call.heardOut();
    await call.run(3_000);
    return talked;
  }

  it('is cut at the last heard word, and the model learns how much of it was heard', async () => {
    const { call, model } = await interrupted([give('Are you open?'), give('Is Monday fine?')]);
    const said = call.transcript[2]!;
    expect(said).toMatch(/^Assistant: We are open .*—$/u);
    expect(said).not.toContain('Sundays');
    const reply = model.shown[1]!.find(({ spoken }) => spoken)!;
    const heardMs = reply.spoken!.heardSamples / 8;
    expect(heardMs).toBeGreaterThan(1_200);
    expect(heardMs).toBeLessThan(2_000);
    expect(`Assistant: ${reply.text}`).toBe(said);
    expect(call.transcript.at(-1)).toBe('Assistant: Sure.');
    expect(exportCall(call.journal.events).entries.length).toBeGreaterThan(100);
  });

  it('continues after a word of assent, as one reply', async () => {
    const { call, model } = await interrupted([give('Are you open?'), give('Okay.')]);
    expect(model.shown).toHaveLength(1);
    expect(call.transcript.slice(1)).toEqual([
      'Caller: Are you open?',
      `Assistant: ${OPEN}`,
      'Caller: Okay.',
    ]);
    const pieces = call.journal.of('piece').filter(({ spoken }) => spoken);
    expect(pieces.map(({ continues }) => continues)).toEqual([undefined, pieces[0]!.piece]);
    expect(pieces[1]!.spoken!.fromSample).toBeGreaterThan(8_000);
  });

  it('has its words in the journal although they arrived after its first audio', async () => {
    const { call } = await interrupted([give('Are you open?'), give('Is Monday fine?')]);
    const cut = call.journal.of('piece').find(({ spoken }) => spoken)!;
    const words = call.journal.of('piece-words').filter(({ piece }) => piece === cut.piece);
    expect(words.at(-1)!.text).toBe(OPEN);
  });
});

describe('a reply whose words the model does not say', () => {
  const WORDLESS: readonly ResponsePart[] = [{ afterMs: 200, audioMs: 4_000 }];

  it('is in the transcript and in the memory, as far as it was heard', async () => {
    const { call, model } = spokenTo({
      texts: [give('Are you open?'), give('Is Monday fine?'), give('Thanks.')],
      responses: [WORDLESS, WORDLESS, WORDLESS],
    });
    await call.heardOut();
    await call.callerSays(1_500);
    await call.until(() => call.phone.playing);
    await call.run(1_000);
    await call.callerSays(1_000);
    await call.heardOut();
    await call.callerSays(1_000);
    await call.heardOut();
    expect(call.transcript.slice(1, 5)).toEqual([
      'Caller: Are you open?',
      'Assistant: [not transcribed]',
      'Caller: Is Monday fine?',
      'Assistant: [not transcribed]',
    ]);
    const replies = model.shown[2]!.flatMap(({ spoken, text }) => (spoken ? [{ ...spoken, text }] : []));
    expect(replies.map(({ text }) => text)).toEqual([undefined, undefined]);
    expect(replies[0]!.heardSamples).toBeGreaterThan(8_000);
    expect(replies[0]!.heardSamples).toBeLessThan(16_000);
    expect(replies[1]!.heardSamples).toBe(32_000);
  });

  it('continues after a word of assent where it was cut', async () => {
    const { call } = spokenTo({
      texts: [give('Are you open?'), give('Okay.')],
      responses: [WORDLESS],
    });
    await call.heardOut();
    await call.callerSays(1_500);
    await call.until(() => call.phone.playing);
    await call.run(1_000);
    await call.callerSays(1_000);
    await call.heardOut();
    await call.run(3_000);
    const pieces = call.journal.of('piece').filter(({ spoken }) => spoken);
    expect(pieces).toHaveLength(2);
    expect(pieces[1]!.spoken!.fromSample).toBeGreaterThan(8_000);
  });
});

describe('words that are known before their audio', () => {
  it('are in the journal once, however many pieces of audio follow', async () => {
    const audio = Array.from({ length: 20 }, () => ({ afterMs: 20, audioMs: 100 }));
    const { call } = spokenTo({
      texts: [give('Are you open?')],
      responses: [[{ afterMs: 200, words: 'We are open from nine to five.' }, ...audio]],
    });
    await call.heardOut();
    await call.callerSays(1_500);
    await call.heardOut();
    expect(call.journal.of('piece-words')).toHaveLength(1);
  });
});

describe('a speech-to-speech model that fails', () => {
  const FAILS: readonly ResponsePart[] = [{ afterMs: 300, fail: BROKEN }];

  it('before it replies: the chat model and the voice reply with the whole conversation, for the rest of the call', async () => {
    const { call, model, replier } = spokenTo({
      texts: [give('Are you open?'), give('And tomorrow?')],
      responses: [FAILS, OPEN_HOURS],
      replies: ['Yes, we are.', 'Tomorrow, too.'],
    });
    await call.heardOut();
    await call.callerSays(1_500);
    await call.heardOut();
    await call.callerSays(1_500);
    await call.heardOut();
    expect(call.transcript.slice(1)).toEqual([
      'Caller: Are you open?',
      'Assistant: Yes, we are.',
      'Caller: And tomorrow?',
      'Assistant: Tomorrow, too.',
    ]);
    expect(model.shown).toHaveLength(1);
    expect(replier.shown[0]!.map(({ text }) => text)).toEqual(['Hello.', 'Are you open?']);
    expect(call.journal.of('answer').find(({ answer }) => answer.failure)!.answer.failure).toMatchObject({
      kind: 'service',
      server: 'voice.example',
      said: 'the connection was closed',
    });
  });

  it('within a reply: the rest is written by the chat model, as part of the same reply', async () => {
    const { call, replier } = spokenTo({
      texts: [give('Are you open?')],
      responses: [[...OPEN_HOURS.slice(0, 4), ...FAILS]],
      replies: ['We are closed on Sundays.'],
    });
    await call.heardOut();
    await call.callerSays(1_500);
    await call.heardOut();
    expect(call.transcript.at(-1)).toMatch(/^Assistant: We are open .*— We are closed on Sundays\.$/u);
    expect(replier.shown[0]!.slice(-2)).toMatchObject([
      { speaker: 'assistant', text: 'We are open from nine to five. ' },
      { speaker: 'guidance' },
    ]);
  });

  it('for one reply alone: the pipeline gives that one, and the model the next', async () => {
    const { call, model } = spokenTo({
      texts: [give('Are you open?'), give('And tomorrow?')],
      responses: [[{ afterMs: 300, fail: BROKEN, failsAlone: true }], OPEN_HOURS],
      replies: ['Yes, we are.'],
    });
    await call.heardOut();
    await call.callerSays(1_500);
    await call.heardOut();
    await call.callerSays(1_500);
    await call.heardOut();
    expect(call.transcript.slice(1)).toEqual([
      'Caller: Are you open?',
      'Assistant: Yes, we are.',
      'Caller: And tomorrow?',
      `Assistant: ${OPEN}`,
    ]);
    const texts = model.shown[1]!.map(({ text }) => text);
    expect(texts).toEqual(['Hello.', 'Are you open?', 'Yes, we are.', 'And tomorrow?']);
  });

  it('if it stalls within a reply', async () => {
    const { call } = spokenTo({
      texts: [give('Are you open?')],
      responses: [[...OPEN_HOURS.slice(0, 4), { afterMs: 1e9, audioMs: 100 }]],
      replies: ['We are closed on Sundays.'],
    });
    await call.heardOut();
    await call.callerSays(1_500);
    await call.until(() => call.transcript.at(-1)!.endsWith('on Sundays.'), 12_000);
    const { answer } = call.journal
      .of('answer')
      .find(({ answer: one }) => one.service === 'speech-to-speech')!;
    expect(answer.failure).toMatchObject({ code: 'timeout' });
  });

  it('and is the only service: the caller hears an apology, then the answering machine', async () => {
    const { call, model } = spokenTo({ responses: [FAILS] }, { alone: true });
    await call.heardOut();
    await call.callerSays(1_500);
    await call.heardOut();
    expect(call.pieces).toContain('<apology>');
    expect(model.available).toBe(false);
    await call.callerSays(1_500);
    await call.heardOut();
    expect(call.pieces).toContain('<apology-machine>');
  });
});
