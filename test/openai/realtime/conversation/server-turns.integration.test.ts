import { afterEach, describe, expect, test } from 'vitest';
import type { ConversationEntry } from '../../../../src/call/ports.ts';
import { createLog } from '../../../../src/log.ts';
import { RealtimeAssistant } from '../../../../src/openai/realtime/conversation/realtime-assistant.ts';
import { recordedSpeechOf } from '../../../../src/simulator/fixtures/recorded-speech.ts';
import type { ConversationItems } from '../../../doubles/realtime/conversation-items.ts';
import {
  buzz,
  RealtimeServer,
  type RealtimeServerOptions,
  type Send,
} from '../../../doubles/realtime/realtime-server.ts';
import { HandTimer } from '../../hand-timer.ts';

const never = new AbortController().signal;
const HOURS = recordedSpeechOf('caller-what-are-your-opening-hours').mulaw;
const silence = (ms: number): Uint8Array => new Uint8Array(ms * 8).fill(0xff);
const turn = (number: number, text?: string): ConversationEntry => ({
  id: `turn ${number}`,
  speaker: 'caller',
  text,
});

let server: RealtimeServer;
let assistant: RealtimeAssistant;
let call: ReturnType<RealtimeAssistant['open']>;
let items: ConversationItems;
let logged: string[];
let lineMs = 0;
let nowMs = 0;

afterEach(async () => {
  assistant.close();
  await server.close();
});

async function start(options: RealtimeServerOptions = {}, { transcribes = true } = {}): Promise<HandTimer> {
  let texts = 0;
  server = await RealtimeServer.start({
    transcribe: (item) => item.transcribe(`Text ${(texts += 1)}.`),
    reply: (response, all) => {
      items = all;
      response.converse(buzz('Yes.'), 'Yes.');
    },
    ...options,
  });
  const hand = new HandTimer();
  logged = [];
  lineMs = 0;
  nowMs = 0;
  const log = createLog({ level: 'info', destination: { write: (line: string) => void logged.push(line) } });
  const transcription = transcribes ? { model: 'gpt-live-transcribe', language: 'en' } : undefined;
  const settings = {
    ...{ model: 'm', baseUrl: server.baseUrl, voice: 'marin', instructions: 'Be kind.', transcription },
    turns: 'server' as const,
  };
  assistant = new RealtimeAssistant({ settings, log, timing: { timer: hand.timer, now: () => nowMs } });
  call = assistant.open();
  return hand;
}

/** Audio on the line, frame by frame. Returns when it was heard. */
function hear(audio: Uint8Array): { readonly startMs: number; readonly endMs: number } {
  const startMs = lineMs;
  for (let at = 0; at < audio.length; at += 160) {
    const frame = audio.subarray(at, at + 160);
    call.speech.line?.hear(lineMs, frame);
    lineMs += frame.length / 8;
  }
  return { startMs, endMs: lineMs };
}

/** The caller says something, and our turn detector finds its pause. */
function say(speech: Uint8Array = HOURS) {
  call.speech.hear(speech.subarray(0, 1_600));
  const voiced = hear(speech);
  return { voiced, text: call.speech.paused(speech, voiced) };
}

async function isOver(voiced: { readonly startMs: number; readonly endMs: number }): Promise<void> {
  await until(() => call.speech.line?.turnOf(voiced) === 'over');
}

/** Waits for events of the server: each look lets the sockets work. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => setImmediate(resolve));
}

async function reply(request: number, entries: readonly ConversationEntry[]) {
  let words = '';
  for await (const part of call.reply(request, entries, never))
    if (!(part instanceof Uint8Array)) words += part.words;
  return words;
}

/** The answer to a commit of too little audio. */
function refuse(send: Send, id: string | undefined): true {
  const error = { type: 'invalid_request_error', code: 'input_audio_buffer_commit_empty', message: 'Empty.' };
  send({ type: 'error', error: { ...error, event_id: id } });
  return true;
}

const spoken = () => items.all.filter(({ role }) => role === 'user');

describe('a server that decides where turns end', () => {
  test('hears the line, ends the turn, and gives its text; nothing is committed by us', async () => {
    await start();
    hear(silence(500));
    const { voiced, text } = say();
    expect(call.speech.line?.turnOf(voiced)).toBe('unheard');
    hear(silence(600));
    await isOver(voiced);
    call.speech.finished(1);
    expect(await text!(never)).toBe('Text 1.');
    expect(await reply(1, [turn(1, 'Text 1.')])).toBe('Yes.');
    expect(spoken()).toHaveLength(1);
    expect(spoken()[0]!.audio!.length / 8).toBeGreaterThan(HOURS.length / 8 - 400);
    expect(server.of('input_audio_buffer.commit')).toEqual([]);
    expect(server.of('conversation.item.delete')).toEqual([]);
    expect(server.of('session.update')).toMatchObject([
      {
        session: {
          audio: {
            input: {
              turn_detection: { type: 'semantic_vad', create_response: false, interrupt_response: false },
            },
          },
        },
      },
    ]);
    expect(logged).toEqual([]);
    expect(assistant.turns).toBe('server');
  });

  test('is asked for server_vad if it has no other; a session that gives no texts is heard, too', async () => {
    await start({ vad: { refuses: ['semantic_vad'] } }, { transcribes: false });
    const { voiced, text } = say();
    expect(text).toBeUndefined();
    hear(silence(700));
    await isOver(voiced);
    call.speech.finished(1);
    await reply(1, [turn(1)]);
    expect(spoken()).toHaveLength(1);
    const asked = server
      .of('session.update')
      .map(({ session }) => session.audio?.input?.turn_detection?.type);
    expect(asked).toEqual(['semantic_vad', 'server_vad']);
  });

  test('takes only PCM', async () => {
    await start({ pcmOnly: 'refuses' });
    const { voiced, text } = say();
    hear(silence(700));
    await isOver(voiced);
    call.speech.finished(1);
    expect(await text!(never)).toBe('Text 1.');
  });

  test('divides an utterance: its text is that of all parts', async () => {
    await start();
    const first = say(HOURS);
    hear(silence(600));
    await isOver(first.voiced);
    call.speech.continued();
    const rest = hear(HOURS);
    const whole = { startMs: first.voiced.startMs, endMs: rest.endMs };
    const text = call.speech.paused(Buffer.concat([HOURS, silence(600), HOURS]), whole);
    hear(silence(600));
    await isOver(whole);
    expect(call.speech.partialText).toBe('Text 1. Text 2.');
    call.speech.finished(1);
    expect(await text!(never)).toBe('Text 1. Text 2.');
    await reply(1, [turn(1, 'Text 1. Text 2.')]);
    expect(spoken()).toHaveLength(2);
    expect(server.of('conversation.item.create')).toEqual([]);
  });

  test.each([false, true])(
    'does not end the turn in time: we commit what it hears (another id: %s)',
    async (commitsAnew) => {
      await start({ vad: { semanticSilenceMs: 8_000, commitsAnew } });
      const { voiced, text } = say();
      hear(silence(2_500));
      await until(() => call.speech.line?.turnOf(voiced) === 'open');
      call.speech.finished(1);
      expect(await text!(never)).toBe('Text 1.');
      await reply(1, [turn(1, 'Text 1.')]);
      expect(spoken()).toHaveLength(1);
      expect(server.of('input_audio_buffer.commit')).toHaveLength(1);
      expect(logged).toEqual([]);
      // The next turn is placed as well.
      const next = say();
      hear(silence(2_500));
      await until(() => call.speech.line?.turnOf(next.voiced) === 'open');
      call.speech.finished(2);
      expect(await next.text!(never)).toBe('Text 2.');
    },
  );

  test('does not hear the caller: the utterance is sent once more, and the line goes on in its place', async () => {
    await start();
    await until(() => assistant.turns === 'server');
    hear(silence(1_000));
    // Our detector has heard something that is not on the line as the server hears it.
    const voiced = hear(silence(1_000));
    call.speech.hear(HOURS.subarray(0, 800));
    const text = call.speech.paused(HOURS, voiced);
    hear(silence(700));
    expect(call.speech.line?.turnOf(voiced)).toBe('unheard');
    call.speech.finished(1);
    expect(await text!(never)).toBe('Text 1.');
    const next = say();
    hear(silence(600));
    await isOver(next.voiced);
    call.speech.finished(2);
    expect(await next.text!(never)).toBe('Text 2.');
    await reply(1, [turn(1, 'Text 1.'), turn(2, 'Text 2.')]);
    expect(spoken().map(({ audio }) => audio!.length)[0]).toBe(HOURS.length);
    expect(spoken()).toHaveLength(2);
  });

  test('hears echo and noises: its items are deleted before the next reply', async () => {
    await start();
    hear(HOURS);
    hear(silence(600));
    await until(() => server.of('session.update').length === 1 && assistant.turns === 'server');
    const { voiced, text } = say();
    hear(silence(600));
    await isOver(voiced);
    call.speech.finished(1);
    await text!(never);
    await reply(1, [turn(1, 'Text 2.')]);
    await until(() => spoken().length === 1);
    await reply(2, [turn(1, 'Text 2.')]);
    const deleted = server.of('conversation.item.delete').map(({ item_id: id }) => id);
    expect(deleted.filter((id) => id.startsWith('item_'))).toEqual(['item_1']);
  });

  test('fails to transcribe noises: it is asked for the texts of utterances nevertheless', async () => {
    let failed = 0;
    await start({
      transcribe: (item) => {
        if (failed === 3) return item.transcribe('Hours?');
        failed += 1;
        item.committed();
        item.failed('no speech');
      },
    });
    for (const _ of [1, 2, 3]) {
      hear(HOURS);
      hear(silence(1_500));
    }
    await until(() => failed === 3);
    server.broadcast({ type: 'unknown' });
    await until(() => assistant.ignored.counts.size > 0);
    logged = [];
    const { voiced, text } = say();
    hear(silence(600));
    await isOver(voiced);
    call.speech.finished(1);
    expect(await text!(never)).toBe('Hours?');
    expect(logged).toEqual([]);
  });

  test('sends very many words: the first of them are kept', async () => {
    await start({
      vad: { semanticSilenceMs: 8_000 },
      transcribe: (item) => {
        item.committed();
        for (let times = 0; times < 30; times += 1) item.delta('word '.repeat(100));
        item.send({ type: 'unknown' });
      },
    });
    say();
    hear(silence(9_000));
    await until(() => assistant.ignored.counts.size > 0);
    expect(call.speech.partialText).toHaveLength(1_999);
  });

  test('has one item for two utterances: it is there once, and the second one gets its text elsewhere', async () => {
    let commits = 0;
    await start({
      vad: { semanticSilenceMs: 700 },
      intercept: (event, send) =>
        event.type === 'input_audio_buffer.commit' && (commits += 1) === 1 && refuse(send, event.event_id),
    });
    const first = say();
    hear(silence(300));
    await until(() => call.speech.line?.turnOf(first.voiced) === 'open');
    call.speech.finished(1);
    await expect(first.text!(never)).rejects.toMatchObject({ service: 'streaming-transcription' });
    const second = say();
    hear(silence(900));
    await isOver(second.voiced);
    call.speech.finished(2);
    await expect(second.text!(never)).rejects.toMatchObject({ service: 'streaming-transcription' });
    await reply(1, [turn(1, 'First.'), turn(2, 'Second.')]);
    expect(spoken()).toHaveLength(1);
    expect(server.of('conversation.item.create')).toEqual([]);
  });

  test('misses frames of the line: gaps are filled, long ones are skipped', async () => {
    await start();
    hear(silence(200));
    lineMs += 60_000;
    const { voiced, text } = say();
    lineMs += 300;
    hear(silence(600));
    await isOver(voiced);
    call.speech.finished(1);
    expect(await text!(never)).toBe('Text 1.');
    const bytes = server
      .of('input_audio_buffer.append')
      .map(({ audio }) => Buffer.from(audio, 'base64').length);
    const sentMs = bytes.reduce((sum, one) => sum + one, 0) / 8;
    expect(sentMs).toBeGreaterThan(200 + 4_000 + HOURS.length / 8 + 300);
    expect(sentMs).toBeLessThan(200 + 4_000 + HOURS.length / 8 + 300 + 601);
  });

  test('is replaced after an hour, between two utterances: the new session hears the line', async () => {
    await start();
    const { voiced, text } = say();
    hear(silence(600));
    await isOver(voiced);
    call.speech.finished(1);
    await text!(never);
    nowMs = 56 * 60_000;
    hear(silence(1_000));
    const next = say();
    hear(silence(600));
    await isOver(next.voiced);
    call.speech.finished(2);
    expect(await next.text!(never)).toBe('Text 2.');
    expect(await reply(1, [turn(1, 'Text 1.'), turn(2, 'Text 2.')])).toBe('Yes.');
    expect(items.shown.slice(0, 2)).toEqual(['user: Text 1.', expect.stringMatching(/^user: <\d+ ms>/u)]);
    await until(() => server.connections === 1);
  });
});

describe('our turn detector decides if the server', () => {
  test.each<[string, RealtimeServerOptions['vad']]>([
    ['refuses every detection', { refuses: ['semantic_vad', 'server_vad'] }],
    ['states that it detects nothing', { statesNull: true }],
  ])('%s: what was said meanwhile is committed, and it is logged once', async (_, vad) => {
    await start({ vad: vad! });
    // The caller speaks before the session is there.
    const { text } = say();
    hear(silence(700));
    call.speech.finished(1);
    expect(await text!(never)).toBe('Text 1.');
    expect(call.speech.line).toBeUndefined();
    await reply(1, [turn(1, 'Text 1.')]);
    expect(spoken().map(({ audio }) => audio!.length)).toEqual([HOURS.length]);
    expect(logged.filter((line) => line.includes('does not decide where turns end'))).toHaveLength(1);
    expect(assistant.turns).toBe('own');
    const next = say();
    call.speech.continued();
    const again = say();
    call.speech.finished(2);
    expect(next.text).toBeDefined();
    await again.text!(never);
    await reply(2, [turn(1, 'Text 1.'), turn(2, 'Text 3.')]);
    await until(() => spoken().length === 2);
  });

  test.each([
    ['has said nothing yet', 0],
    ['is in mid-sentence', 1_000],
  ])('while the caller %s: the whole utterance is appended once, and nothing else', async (_, spokenMs) => {
    await start({ vad: { statesNull: true } });
    hear(silence(2_000));
    const startMs = lineMs;
    if (spokenMs > 0) call.speech.hear(HOURS.subarray(0, spokenMs * 8));
    hear(HOURS.subarray(0, spokenMs * 8));
    await until(() => assistant.turns === 'own');
    call.speech.hear(HOURS.subarray(0, 8_800));
    const text = call.speech.paused(HOURS, { startMs, endMs: startMs + HOURS.length / 8 });
    call.speech.finished(1);
    await text!(never);
    await reply(1, [turn(1, 'Text 1.')]);
    expect(spoken().map(({ audio }) => audio!.length)).toEqual([HOURS.length]);
  });
});

describe('a server that misbehaves', () => {
  test('and responds by itself is asked for another reply, and its own one is deleted', async () => {
    await start({
      vad: { responds: true },
      reply: (response, all, index) => {
        items = all;
        if (index > 0) return response.converse(buzz('Ours.'), 'Ours.');
        response.created(null);
        response.moreWords('Mine.');
        response.audio(buzz('Mine.'));
      },
    });
    const { voiced, text } = say();
    hear(silence(600));
    await isOver(voiced);
    await text!(never);
    call.speech.finished(1);
    await until(() => server.of('response.cancel').length === 1);
    expect(await reply(1, [turn(1, 'Text 1.')])).toBe('Ours.');
    await until(() => items.all.filter(({ role }) => role === 'assistant').length === 1);
    expect(logged).toHaveLength(1);
    expect(call.available).toBe(true);
  });

  test.each<[string, (type: string) => boolean]>([
    ['never says when speech starts', (type) => type !== 'speech_started'],
    ['never says when speech stops', (type) => type !== 'speech_stopped'],
    ['says nothing of speech', () => false],
  ])('and %s: the committed items are those of the turn', async (_, sends) => {
    await start({ vad: { sends } });
    for (const number of [1, 2]) {
      const { voiced, text } = say();
      hear(silence(700));
      await isOver(voiced);
      call.speech.finished(number);
      expect(await text!(never)).toBe(`Text ${number}.`);
    }
    await reply(1, [turn(1, 'Text 1.'), turn(2, 'Text 2.')]);
    expect(spoken()).toHaveLength(2);
  });

  test('and never transcribes an item: the text is requested elsewhere in time', async () => {
    const hand = await start({ transcribe: (item) => item.committed() });
    const { voiced, text } = say();
    hear(silence(600));
    await isOver(voiced);
    call.speech.finished(1);
    const result = text!(never);
    await hand.runOut();
    await expect(result).rejects.toMatchObject({ service: 'streaming-transcription' });
    expect(call.available).toBe(true);
  });

  test.each([
    ['takes', false],
    ['refuses', true],
  ])('and never commits speech that has stopped: it %s our commit', async (_, refuses) => {
    await start({
      vad: { semanticSilenceMs: 8_000 },
      intercept: (event, send) =>
        refuses && event.type === 'input_audio_buffer.commit' && refuse(send, event.event_id),
    });
    const { voiced, text } = say();
    hear(silence(1_500));
    await until(() => call.speech.line?.turnOf(voiced) === 'open');
    const result = text!(never);
    const stop = { item_id: 'item_1', audio_end_ms: voiced.endMs };
    server.broadcast({ type: 'input_audio_buffer.speech_stopped', ...stop });
    server.broadcast({ type: 'unknown' });
    await until(() => assistant.ignored.counts.size > 0);
    hear(silence(1_000));
    expect(call.speech.line?.turnOf(voiced)).toBe('open');
    call.speech.finished(1);
    if (refuses) await expect(result).rejects.toMatchObject({ service: 'streaming-transcription' });
    else expect(await result).toBe('Text 1.');
    await reply(1, [turn(1, 'What are your opening hours?')]);
    expect(spoken()).toMatchObject([refuses ? { text: 'What are your opening hours?' } : { audio: {} }]);
  });

  test('and fails to transcribe an utterance: the text is requested of it once', async () => {
    await start({ transcribe: (item) => (item.committed(), item.failed('unclear')) });
    const { voiced, text } = say();
    hear(silence(600));
    await isOver(voiced);
    await expect(text!(never)).rejects.toMatchObject({ details: { said: 'unclear' } });
    expect(call.speech.paused(HOURS, voiced)).toBeUndefined();
    call.speech.finished(1);
    await reply(1, [turn(1)]);
    expect(spoken()).toHaveLength(1);
  });

  test('and commits speech that nobody said, without texts: the failure is reported with the utterance', async () => {
    const hand = await start({ transcribe: (item) => item.committed() });
    await until(() => assistant.turns === 'server');
    const startMs = lineMs;
    call.speech.hear(HOURS.subarray(0, 1_600));
    for (const part of [HOURS.subarray(0, 6_000), HOURS.subarray(6_000)]) {
      hear(part);
      server.broadcast({ type: 'input_audio_buffer.committed', item_id: `none_${lineMs}` });
    }
    server.broadcast({ type: 'unknown' });
    await until(() => assistant.ignored.counts.size > 0);
    await hand.runOut();
    const voiced = { startMs, endMs: lineMs };
    const text = call.speech.paused(HOURS, voiced);
    hear(silence(600));
    await isOver(voiced);
    call.speech.finished(1);
    await expect(text!(never)).rejects.toMatchObject({ details: { said: 'no text in time' } });
    expect(call.speech.paused(HOURS, voiced)).toBeUndefined();
  });

  test('and refuses our commit: the words are shown to it as text', async () => {
    await start({
      vad: { semanticSilenceMs: 8_000 },
      intercept: (event, send) => {
        if (event.type !== 'input_audio_buffer.commit') return false;
        return refuse(send, event.event_id);
      },
    });
    const { voiced, text } = say();
    hear(silence(2_500));
    await until(() => call.speech.line?.turnOf(voiced) === 'open');
    call.speech.finished(1);
    await expect(text!(never)).rejects.toMatchObject({ service: 'streaming-transcription' });
    await reply(1, [turn(1, 'What are your opening hours?')]);
    expect(spoken().map(({ text: shown }) => shown)).toEqual(['What are your opening hours?']);
    expect(call.available).toBe(true);
  });

  test('and sends events of unknown, repeated and unreadable items: ignored, logged once each', async () => {
    await start();
    const { voiced, text } = say();
    hear(silence(600));
    await isOver(voiced);
    call.speech.finished(1);
    await text!(never);
    const send = (event: object): void => server.broadcast(event);
    for (let again = 0; again < 3; again += 1) {
      send({ type: 'input_audio_buffer.committed', item_id: 'item_1' });
      send({ type: 'input_audio_buffer.speech_started', item_id: 'item_1', audio_start_ms: 0 });
      send({ type: 'input_audio_buffer.speech_started', audio_start_ms: 'x' });
      send({ type: 'input_audio_buffer.speech_started', item_id: `odd_${again}`, audio_start_ms: -5 });
      send({ type: 'input_audio_buffer.speech_stopped', item_id: 'none', audio_end_ms: 1e12 });
      send({
        type: 'conversation.item.input_audio_transcription.completed',
        item_id: 'none',
        transcript: 'x',
      });
    }
    expect(await reply(1, [turn(1, 'Text 1.')])).toBe('Yes.');
    expect(logged.length).toBe(4);
    const next = say();
    hear(silence(600));
    await isOver(next.voiced);
    call.speech.finished(2);
    expect(await next.text!(never)).toBe('Text 2.');
  });

  test('and is lost while the caller pauses: the text fails, and our turn detector decides', async () => {
    await start({ vad: { semanticSilenceMs: 8_000 } });
    const { voiced, text } = say();
    hear(silence(400));
    await until(() => call.speech.line?.turnOf(voiced) === 'open');
    const result = text!(never);
    server.tear();
    await expect(result).rejects.toMatchObject({ service: 'speech-to-speech' });
    expect(call.speech.line).toBeUndefined();
    expect(call.speech.paused(HOURS, voiced)).toBeUndefined();
    call.speech.finished(1);
    call.speech.end();
  });
});
