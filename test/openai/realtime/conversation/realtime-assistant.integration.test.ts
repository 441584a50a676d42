import { afterEach, describe, expect, test } from 'vitest';
import type { ConversationEntry } from '../../../../src/call/ports.ts';
import { decodeMulaw } from '../../../../src/audio/mulaw.ts';
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
import type { SpokenResponse } from '../../../doubles/realtime/spoken-response.ts';
import { HandTimer } from '../../hand-timer.ts';

const KEY = 'sk-1';
const never = new AbortController().signal;
const SPEECH = recordedSpeechOf('caller-what-are-your-opening-hours').mulaw;
const GREETING: ConversationEntry = { id: 'reply 1', speaker: 'assistant', text: 'Good morning.' };
const turn = (number: number, text?: string): ConversationEntry => ({
  id: `turn ${number}`,
  speaker: 'caller',
  text,
});

let server: RealtimeServer;
let assistant: RealtimeAssistant;
let call: ReturnType<RealtimeAssistant['open']>;
let logged: string[];
let nowMs = 0;

afterEach(async () => {
  assistant.close();
  await server.close();
});

/** The time of the assistant passes when the test says so. */
async function start(options: RealtimeServerOptions = {}, { transcribes = true } = {}): Promise<HandTimer> {
  server = await RealtimeServer.start({ apiKey: KEY, ...options });
  const hand = new HandTimer();
  nowMs = 0;
  logged = [];
  const log = createLog({ level: 'info', destination: { write: (line: string) => void logged.push(line) } });
  const transcription = transcribes ? { model: 'gpt-live-transcribe', language: 'en' } : undefined;
  const settings = {
    ...{ model: 'gpt-realtime-2.1-mini', baseUrl: server.baseUrl, apiKey: KEY },
    ...{ voice: 'marin', instructions: 'Be kind.', transcription },
  };
  assistant = new RealtimeAssistant({ settings, log, timing: { timer: hand.timer, now: () => nowMs } });
  call = assistant.open();
  return hand;
}

/** The caller speaks: the session hears it frame by frame. Returns what requests the text. */
function speak(speech = SPEECH) {
  for (let length = 160; length <= speech.length; length += 160) call.speech.hear(speech.subarray(0, length));
  return call.speech.paused(speech, { startMs: 0, endMs: speech.length / 8 });
}

async function reply(request: number, entries: readonly ConversationEntry[], signal = never) {
  const audio: Uint8Array[] = [];
  let words = '';
  for await (const part of call.reply(request, entries, signal)) {
    if (part instanceof Uint8Array) audio.push(part);
    else words += part.words;
  }
  return { words, audio: Buffer.concat(audio) };
}

/** Lets the sockets work until something is so. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => setImmediate(resolve));
}

const failureOf = (request = 1, entries = [GREETING]) =>
  reply(request, entries).catch((error: unknown) => error);

describe('RealtimeAssistant', () => {
  test('hears an utterance, gives its text and a reply whose μ-law is passed on unchanged', async () => {
    const shown: string[][] = [];
    await start({
      transcribe: (item) => item.transcribe('What are your opening hours?'),
      reply: (response, items) => {
        shown.push(items.shown);
        response.converse(buzz('From nine to five.'), 'From nine to five.');
      },
    });
    const text = speak();
    call.speech.finished(1);
    const { words, audio } = await reply(1, [GREETING, turn(1)]);
    expect(await text!(never)).toBe('What are your opening hours?');
    expect(words).toBe('From nine to five.');
    expect(audio).toEqual(Buffer.from(buzz('From nine to five.')));
    const ms = Math.round(SPEECH.length / 8);
    expect(shown).toEqual([['assistant: Good morning.', `user: <${ms} ms>`, 'assistant: <0 ms> ']]);
    const heard = server.of('input_audio_buffer.append').map((one) => Buffer.from(one.audio, 'base64'));
    expect(Buffer.concat(heard)).toEqual(Buffer.from(SPEECH));
    expect(server.handshakes.map(({ url }) => url)).toEqual(['/v1/realtime?model=gpt-realtime-2.1-mini']);
    expect(server.of('session.update')).toMatchObject([
      {
        session: {
          instructions: 'Be kind.',
          audio: {
            input: {
              format: { type: 'audio/pcmu' },
              transcription: { model: 'gpt-live-transcribe', language: 'en' },
              turn_detection: null,
            },
            output: { format: { type: 'audio/pcmu' }, voice: 'marin' },
          },
        },
      },
    ]);
    expect(server.of('response.cancel')).toEqual([]);
    expect(logged).toEqual([]);
  });

  test('an utterance that goes on after a pause is heard again from its beginning, and once', async () => {
    let items: ConversationItems | undefined;
    await start({ reply: (response, all) => void ((items = all), response.converse(buzz('Yes.'), 'Yes.')) });
    speak(SPEECH.subarray(0, 8_000));
    call.speech.continued();
    speak();
    call.speech.finished(1);
    await reply(1, [turn(1, 'What are your opening hours?')]);
    await server.until(() => server.of('conversation.item.delete').length === 1);
    const spoken = items!.all.filter(({ role }) => role === 'user');
    expect(spoken.map(({ audio }) => audio!.length)).toEqual([SPEECH.length]);
  });

  test('an utterance whose text is requested once more is in its memory once', async () => {
    let items: ConversationItems | undefined;
    await start({
      reply: (response, all) => void ((items = all), response.converse(buzz('Yes.'), 'Yes.')),
      transcribe: (item, index) => {
        if (index > 0) return item.transcribe('Hours?');
        item.committed();
        item.failed('unclear');
      },
    });
    await expect(speak()!(never)).rejects.toMatchObject({ details: { said: 'unclear' } });
    const again = call.speech.paused(SPEECH, { startMs: 0, endMs: SPEECH.length / 8 });
    call.speech.finished(1);
    expect(await again!(never)).toBe('Hours?');
    await reply(1, [turn(1, 'Hours?')]);
    const spoken = items!.all.filter(({ role }) => role === 'user');
    expect(spoken.map(({ audio }) => audio!.length)).toEqual([SPEECH.length]);
  });

  test('silence at the end of a reply is not played for longer than a pause', async () => {
    const [sound, silence] = [buzz('Yes.'), new Uint8Array(16_000).fill(0xff)];
    await start({
      reply: (response) => response.converse(Buffer.concat([sound, silence]), 'Yes.'),
    });
    const { audio } = await reply(1, [GREETING]);
    expect(audio.length).toBeLessThan(sound.length + 10_000);
  });

  test('pauses within a reply are passed on', async () => {
    const [sound, silence] = [buzz('Yes.'), new Uint8Array(14_400).fill(0xff)];
    const whole = Buffer.concat([sound, silence, sound]);
    await start({ reply: (response) => response.converse(whole, 'Yes.') });
    expect((await reply(1, [GREETING])).audio).toEqual(whole);
  });

  test('silence is no utterance', async () => {
    await start();
    const text = speak(new Uint8Array(8_000).fill(0xff));
    expect(await text!(never)).toBe('');
    expect(server.of('input_audio_buffer.commit')).toEqual([]);
  });

  test('without a model that transcribes, it gives no text', async () => {
    await start({}, { transcribes: false });
    expect(speak()).toBeUndefined();
    call.speech.finished(1);
    expect((await reply(1, [turn(1)])).words).toBe('Reply 1.');
    expect(server.of('session.update')).toMatchObject([
      { session: { audio: { input: { transcription: null } } } },
    ]);
  });

  test('a server that refuses to transcribe is asked for a conversation without texts', async () => {
    await start({ transcribesNothing: true });
    expect((await reply(1, [GREETING])).words).toBe('Reply 1.');
    expect(server.of('session.update')).toHaveLength(2);
    expect(speak()).toBeUndefined();
  });

  test('a server that takes only PCM hears and speaks PCM at 24,000 Hz', async () => {
    const tone = Int16Array.from(
      { length: 24_000 },
      (_, i) => 8_000 * Math.sin((2 * Math.PI * 440 * i) / 24_000),
    );
    let heard: Uint8Array | undefined;
    await start({
      pcmOnly: 'refuses',
      reply: (response, items) => {
        heard = items.all.find(({ role }) => role === 'user')?.audio;
        response.created();
        response.moreWords('Tone.');
        const bytes = Buffer.from(tone.buffer);
        // Samples are divided, too.
        for (let at = 0; at < bytes.length; at += 4_801)
          response.delta(bytes.subarray(at, at + 4_801).toString('base64'));
        response.end('Tone.');
        response.done('completed', 'Tone.');
      },
    });
    speak();
    call.speech.finished(1);
    const { audio } = await reply(1, [turn(1)]);
    expect(heard!.length).toBe(6 * SPEECH.length);
    const pcm = decodeMulaw(audio);
    expect(pcm.length).toBe(8_000);
    const expected = Int16Array.from({ length: 8_000 }, (_, i) => tone[3 * i]!);
    const error = pcm
      .subarray(400, 7_600)
      .reduce((sum, one, i) => sum + Math.abs(one - expected[i + 400]!), 0);
    expect(error / 7_200).toBeLessThan(300);
  });

  test('while a phone rings the session is opened, and the call uses it', async () => {
    await start();
    await reply(1, [GREETING]);
    assistant.wake();
    await server.until(() => server.of('session.update').length === 2);
    const next = assistant.open();
    for await (const _ of next.reply(1, [GREETING], never));
    expect(server.handshakes).toHaveLength(2);
    next.speech.end();
    await server.until(() => server.connections === 1);
  });

  test('a session that grows old is replaced, and its reply in progress is heard to its end', async () => {
    let goOn = (): void => {};
    await start({
      reply: (response) => {
        response.created();
        response.audio(buzz('From nine'));
        goOn = () => {
          response.audio(buzz(' to five.'));
          response.done('completed', 'From nine to five.');
        };
      },
    });
    await server.until(() => server.of('session.update').length === 1);
    nowMs = 56 * 60_000;
    const first = reply(1, [GREETING]);
    await server.until(() => server.of('response.create').length === 1);
    speak();
    await server.until(() => server.of('session.update').length === 2);
    goOn();
    expect((await first).audio).toHaveLength(buzz('From nine to five.').length);
    expect(call.available).toBe(true);
    await server.until(() => server.connections === 1);
  });

  test('a call that ends before its last text has come closes its connection', async () => {
    const hand = await start({ transcribe: (item) => item.committed() });
    const text = speak()!(never);
    call.speech.finished(1);
    await reply(1, [GREETING, turn(1)]);
    call.speech.end();
    await hand.runOut();
    await expect(text).rejects.toMatchObject({ details: { code: 'timeout' } });
    await server.until(() => server.connections === 0);
  });

  test('a check opens a session and requests nothing', async () => {
    await start();
    await assistant.check(never);
    expect(server.of('response.create')).toEqual([]);
    server.options = { refuse: 401 };
    await expect(assistant.check(never)).rejects.toMatchObject({
      service: 'speech-to-speech',
      details: { status: 401 },
    });
  });
});

describe('the memory of the model', () => {
  const LONG = 'This is a long reply of which a part is heard.';
  const heard = (request: number, ms: number, text: string): ConversationEntry => ({
    ...{ id: `reply ${request}`, speaker: 'assistant', text },
    spoken: { request, heardSamples: ms * 8 },
  });
  const shown: string[][] = [];
  const replies: RealtimeServerOptions['reply'] = (response, items, index) => {
    shown[index] = items.shown.slice(0, -1);
    response.converse(buzz(LONG), LONG);
  };

  test('has of an interrupted reply what was heard', async () => {
    await start({ reply: replies });
    await reply(1, [GREETING]);
    await reply(2, [GREETING, heard(1, 640, 'This is a —'), turn(1, 'Wait.')]);
    expect(server.of('conversation.item.truncate')).toMatchObject([
      { item_id: 'msg_1', content_index: 0, audio_end_ms: 640 },
    ]);
    expect(shown[1]).toEqual(['assistant: Good morning.', 'assistant: <640 ms>', 'user: Wait.']);
  });

  test('has no reply of which nothing was heard, and no draft that was not used', async () => {
    await start({ reply: replies });
    await reply(1, [GREETING]);
    await reply(2, [GREETING, turn(1, 'Stop.')]);
    expect(shown[1]).toEqual(['assistant: Good morning.', 'user: Stop.']);
  });

  test('keeps a reply that was heard to its end as it is', async () => {
    await start({ reply: replies });
    await reply(1, [GREETING]);
    await reply(2, [GREETING, heard(1, LONG.length * 40, LONG), turn(1, 'Thanks.')]);
    expect(server.of('conversation.item.truncate')).toEqual([]);
    expect(shown[1]![1]).toBe(`assistant: <${LONG.length * 40} ms> ${LONG}`);
  });

  test('has the heard words as text if the server refuses to cut the audio', async () => {
    await start({
      reply: replies,
      intercept: ({ type, event_id: id }, send) => {
        if (type !== 'conversation.item.truncate') return false;
        send({
          type: 'error',
          error: { type: 'invalid_request_error', code: 'invalid_value', message: 'No.', event_id: id },
        });
        return true;
      },
    });
    await reply(1, [GREETING]);
    await reply(2, [GREETING, heard(1, 640, 'This is a —'), turn(1, 'Wait.')]);
    await reply(3, [GREETING, heard(1, 640, 'This is a —'), turn(1, 'Wait.'), heard(2, 1_840, LONG)]);
    expect(shown[2]!.slice(0, 3)).toEqual([
      'assistant: Good morning.',
      'assistant: This is a —',
      'user: Wait.',
    ]);
    expect(assistant.ignored.counts.size).toBe(1);
    expect(call.available).toBe(true);
  });

  test('is cut in the right one of several items of a response', async () => {
    const parts = ['This is the first part.', 'This is the second one.', 'And a third.'];
    await start({
      reply: (response, items, index) => {
        if (index > 0) return replies(response, items, index);
        response.created();
        for (const [part, text] of parts.entries()) {
          const item = part === 0 ? response.item : `part_${part}`;
          const fields = { response_id: response.id, item_id: item, content_index: 0 };
          if (part > 0) {
            items.add({ id: item, role: 'assistant', text, audio: buzz(text), status: 'completed' });
            response.send({
              type: 'response.output_item.added',
              ...fields,
              item: { id: item, type: 'message' },
            });
          } else items.all.at(-1)!.audio = buzz(text);
          const delta = Buffer.from(buzz(text)).toString('base64');
          response.send({ type: 'response.output_audio.delta', ...fields, delta });
          response.send({ type: 'response.output_audio_transcript.delta', ...fields, delta: text });
        }
        response.done('completed');
      },
    });
    expect((await reply(1, [GREETING])).words).toBe(parts.join(' '));
    const firstMs = parts[0]!.length * 40;
    const entry = heard(1, firstMs + 400, `${parts[0]} This is —`);
    await reply(2, [GREETING, entry, turn(1, 'Wait.')]);
    expect(server.of('conversation.item.truncate')).toMatchObject([{ item_id: 'part_1', audio_end_ms: 400 }]);
    expect(shown[1]!.slice(1).map((one) => one.replace(/ms>.*/u, 'ms>'))).toEqual([
      `assistant: <${firstMs} ms>`,
      'assistant: <400 ms>',
      'user: Wait.',
    ]);
  });

  test('has of a response that was cancelled no more than was heard, although all that arrived was heard', async () => {
    await start({
      reply: (response, items, index) => {
        if (index > 0) return replies(response, items, index);
        response.created();
        response.moreWords(LONG);
        response.audio(buzz('This is a'));
      },
      cancelled: (response) => {
        response.audio(buzz(' long reply'));
        response.done('cancelled');
      },
    });
    const stop = new AbortController();
    let length = 0;
    for await (const part of call.reply(1, [GREETING], stop.signal)) {
      if (part instanceof Uint8Array) length += part.length;
      if (length === buzz('This is a').length) stop.abort();
    }
    await reply(2, [GREETING, heard(1, 360, 'This is a —'), turn(1, 'Wait.')]);
    expect(shown[1]).toEqual(['assistant: Good morning.', 'assistant: <360 ms>', 'user: Wait.']);
  });

  test('has the whole text of a reply that continued after it was cut', async () => {
    await start({ reply: replies });
    await reply(1, [GREETING]);
    await reply(2, [GREETING, heard(1, 640, 'This is a —'), turn(1, 'Wait.')]);
    await reply(3, [GREETING, heard(1, LONG.length * 40, LONG), turn(1, 'Go on.')]);
    expect(shown[2]!.slice(0, 3)).toEqual(['assistant: Good morning.', `assistant: ${LONG}`, 'user: Go on.']);
  });

  test('has what follows an item that the server refuses', async () => {
    await start({
      reply: replies,
      intercept: (event, send) => {
        if (event.type !== 'conversation.item.create' || event.item.role !== 'system') return false;
        send({
          type: 'error',
          error: { type: 'invalid_request_error', message: 'No.', event_id: event.event_id },
        });
        return true;
      },
    });
    await reply(1, [GREETING]);
    const guidance: ConversationEntry = { id: 'note 1', speaker: 'guidance', text: 'Be short.' };
    speak();
    call.speech.finished(1);
    await reply(2, [GREETING, turn(1), guidance]);
    const said: ConversationEntry = { id: 'note 2', speaker: 'caller', text: '[pressed 5]' };
    speak();
    await reply(3, [GREETING, turn(1), guidance, said]);
    expect(shown[2]!.map((one) => one.replace(/<.*/u, '<ms>'))).toEqual([
      'assistant: Good morning.',
      'user: <ms>',
      'user: [pressed 5]',
      'user: <ms>',
    ]);
  });

  test('has keys, an operator and guidance, in their order, also where they became known late', async () => {
    await start({ reply: replies });
    speak();
    call.speech.finished(1);
    await reply(1, [turn(1)]);
    const entries: ConversationEntry[] = [
      GREETING,
      turn(1, 'Opening hours?'),
      { id: 'turn 2', speaker: 'operator', text: 'I take over.' },
      { id: 'note 1', speaker: 'caller', text: '[pressed 5]' },
      { id: 'note 2', speaker: 'guidance', text: 'Offer a discount.' },
    ];
    await reply(2, entries);
    expect(shown[1]).toEqual([
      'assistant: Good morning.',
      `user: <${Math.round(SPEECH.length / 8)} ms>`,
      'assistant: I take over.',
      'user: [pressed 5]',
      'system: Offer a discount.',
    ]);
  });

  test('has no noise: an utterance without words', async () => {
    await start({ reply: replies, transcribe: (item) => item.transcribe('') });
    await speak()!(never);
    call.speech.finished(1);
    await reply(1, [GREETING]);
    expect(shown[0]).toEqual(['assistant: Good morning.']);
  });
});

describe('a reply that is cancelled', () => {
  test('is cancelled by its id, and the next one waits until the server has ended it', async () => {
    let end = (): void => {};
    await start({
      reply: (response, _items, index) => {
        if (index > 0) return response.converse(buzz('Next.'), 'Next.');
        response.created();
        response.audio(buzz('First.'));
      },
      cancelled: (response) => {
        end = () => {
          response.audio(buzz('late'));
          response.done('cancelled');
        };
      },
    });
    const stop = new AbortController();
    for await (const _ of call.reply(1, [GREETING], stop.signal)) stop.abort();
    await server.until(() => server.of('response.cancel').length === 1);
    const next = reply(2, [GREETING]);
    end();
    expect((await next).words).toBe('Next.');
    expect(server.of('response.cancel')).toMatchObject([{ response_id: 'resp_1' }]);
    expect(assistant.ignored.counts.get('an event after a cancel')).toBeGreaterThan(0);
  });

  describe('and that the server does not end', () => {
    const shown: string[][] = [];
    let end = (): void => {};

    async function cancelled(): Promise<void> {
      await start({
        transcribe: (item) => item.transcribe('Opening hours?'),
        reply: (response, items, index) => {
          shown[index] = items.shown.slice(0, -1);
          if (index > 0) return response.converse(buzz('Next.'), 'Next.');
          response.created();
          response.audio(buzz('First.'));
        },
        cancelled: (response) => (end = () => response.done('cancelled')),
      });
      const stop = new AbortController();
      for await (const _ of call.reply(1, [GREETING], stop.signal)) stop.abort();
      await server.until(() => server.of('response.cancel').length === 1);
    }

    test('holds up every later one, also after one that was not requested', async () => {
      await cancelled();
      const stop = new AbortController();
      const draft = reply(2, [GREETING], stop.signal);
      stop.abort();
      await draft;
      const next = reply(3, [GREETING]);
      await new Promise(setImmediate);
      speak();
      await server.until(() => server.of('input_audio_buffer.commit').length === 1);
      expect(server.of('response.create')).toHaveLength(1);
      end();
      expect((await next).words).toBe('Next.');
    });

    test('a turn that ends meanwhile stays in the memory', async () => {
      await cancelled();
      await speak()!(never);
      const next = reply(2, [GREETING]);
      call.speech.finished(1);
      end();
      await next;
      const ms = Math.round(SPEECH.length / 8);
      expect(shown[1]).toEqual(['assistant: Good morning.', `user: <${ms} ms>`]);
    });
  });

  test('before it was requested: nothing is requested', async () => {
    await start();
    const stop = new AbortController();
    const first = reply(1, [GREETING], stop.signal);
    stop.abort();
    await first;
    expect((await reply(2, [GREETING])).words).toBe('Reply 1.');
    expect(server.of('response.create')).toHaveLength(1);
  });
});

describe('a server that fails', () => {
  const error = (send: Send, fields: object): true => {
    send({ type: 'error', error: { type: 'server_error', message: 'Something broke.', ...fields } });
    return true;
  };

  test.each<[string, RealtimeServerOptions, object]>([
    ['refuses the connection', { refuse: 503 }, { details: { status: 503 } }],
    [
      'detects turns itself',
      {
        configure: (send) =>
          send({
            type: 'session.updated',
            session: { audio: { input: { turn_detection: {} }, output: { format: { type: 'audio/pcmu' } } } },
          }),
      },
      { details: { code: 'wrong_session' } },
    ],
    [
      'speaks another format',
      {
        configure: (send) =>
          send({
            type: 'session.updated',
            session: {
              audio: {
                input: { format: { type: 'audio/pcmu' } },
                output: { format: { type: 'audio/opus' } },
              },
            },
          }),
      },
      { details: { said: 'the server uses audio/opus, neither audio/pcmu nor audio/pcm' } },
    ],
    [
      'answers each message with an error',
      { intercept: (_event, send) => error(send, {}) },
      { details: { said: 'Something broke.' } },
    ],
    [
      'refuses the reply',
      {
        intercept: (event, send) =>
          event.type === 'response.create' && error(send, { event_id: event.event_id, code: 'no_money' }),
      },
      { details: { code: 'no_money' } },
    ],
    [
      'sends audio that is not base64',
      {
        reply: (response) => {
          response.created();
          response.delta('%%%');
        },
      },
      { details: { code: 'unreadable_audio' } },
    ],
    [
      'sends 10 MB',
      {
        reply: (response) => {
          response.created();
          response.delta('A'.repeat(10_000_000));
        },
      },
      {},
    ],
    [
      'falls silent within the reply',
      {
        reply: (response) => {
          response.created();
          response.audio(buzz('One.'));
          response.audio(new Uint8Array(32_000).fill(0xff));
        },
      },
      { details: { said: 'the voice fell silent' } },
    ],
  ])('%s: the reply fails, and the call goes on without it', async (_, options, failure) => {
    await start(options);
    expect(await failureOf()).toMatchObject({ service: 'speech-to-speech', ...failure });
    expect(call.available).toBe(false);
    expect(speak()).toBeUndefined();
    server.options = { apiKey: KEY };
    call = assistant.open();
    expect((await reply(1, [GREETING])).words).toMatch(/^Reply \d\.$/u);
  });

  test.each<[string, (response: SpokenResponse) => void, string]>([
    [
      'a response that fails',
      (response) => {
        response.created();
        response.audio(buzz('One.'));
        response.done('failed', '', { type: 'failed', error: { type: 'server_error', code: 'oops' } });
      },
      'oops',
    ],
    [
      'an empty response',
      (response) => {
        response.created();
        response.done('completed');
      },
      'no_audio',
    ],
  ])('sends %s: that reply fails; two in a row, and the call goes on without it', async (_, fails, code) => {
    await start({
      reply: (response, _items, index) =>
        [0, 2, 3].includes(index) ? fails(response) : response.converse(buzz('Yes.'), 'Yes.'),
    });
    const failure = { service: 'speech-to-speech', details: { code } };
    expect(await failureOf()).toMatchObject(failure);
    expect(call.available).toBe(true);
    expect((await reply(2, [GREETING])).words).toBe('Yes.');
    // What was received of the first one is no part of the conversation.
    expect(server.of('conversation.item.delete').map(({ item_id: id }) => id)).toEqual(['msg_1']);
    expect(await failureOf(3)).toMatchObject(failure);
    expect(call.available).toBe(true);
    expect(await failureOf(4)).toMatchObject(failure);
    expect(call.available).toBe(false);
  });

  test.each([
    ['says nothing more', false],
    ['goes on', true],
  ])('is told to cancel a reply and %s: the next one does not wait for it in vain', async (_, goesOn) => {
    let first: SpokenResponse | undefined;
    const hand = await start({
      reply: (response, _items, index) => {
        if (index > 0) return response.converse(buzz('Next.'), 'Next.');
        first = response;
        response.created();
        return response.audio(buzz('One.'));
      },
      cancelled: (response) => void (goesOn && response.audio(buzz('Two.'))),
    });
    const interruption = new AbortController();
    for await (const part of call.reply(1, [GREETING], interruption.signal))
      if (part instanceof Uint8Array) interruption.abort();
    await server.until(() => server.of('response.cancel').length === 1);
    await until(() => assistant.ignored.counts.size === (goesOn ? 1 : 0));
    await hand.runOut();
    const next = reply(2, [GREETING]).catch((error: unknown) => error);
    if (goesOn) first!.done('completed');
    expect(await next).toMatchObject(
      goesOn ? { words: 'Next.' } : { details: { said: 'a cancelled response does not end' } },
    );
  });

  test.each<[string, RealtimeServerOptions]>([
    ['never configures the session', { configure: () => undefined }],
    ['never replies', { reply: () => undefined }],
    ['stalls before the first sound', { reply: (response) => response.created() }],
  ])('%s: the reply fails after 4 s', async (_, options) => {
    const hand = await start(options);
    const failed = failureOf();
    await server.until(() => server.received.length > 0);
    await hand.runOut();
    expect(await failed).toMatchObject({ service: 'speech-to-speech', details: { code: 'timeout' } });
  });

  test('a cancel that it refuses in its own way ends nothing', async () => {
    let finish = (): void => {};
    await start({
      reply: (response, _items, index) => {
        if (index > 0) return response.converse(buzz('Next.'), 'Next.');
        response.created();
        response.audio(buzz('First.'));
        finish = () => response.done('completed', 'First.');
      },
      intercept: (event, send) => {
        if (event.type !== 'response.cancel') return false;
        error(send, { event_id: event.event_id, message: 'What?' });
        finish();
        return true;
      },
    });
    const stop = new AbortController();
    for await (const _ of call.reply(1, [GREETING], stop.signal)) stop.abort();
    expect((await reply(2, [GREETING])).words).toBe('Next.');
    expect(server.of('response.cancel')).toHaveLength(1);
  });

  test('a commit that it refuses loses its text alone', async () => {
    await start({
      intercept: (event, send) =>
        event.type === 'input_audio_buffer.commit' && error(send, { event_id: event.event_id }),
    });
    await expect(speak()!(never)).rejects.toMatchObject({ service: 'streaming-transcription' });
    call.speech.finished(1);
    expect((await reply(1, [GREETING, turn(1, 'Hours?')])).words).toBe('Reply 1.');
    expect(server.of('conversation.item.create').map(({ item }) => item.content[0]!.text)).toEqual([
      'Good morning.',
      'Hours?',
    ]);
  });

  test('after two texts that did not come it is not asked for texts any more', async () => {
    await start({ transcribe: (item) => (item.committed(), item.failed('unclear')) });
    for (const number of [1, 2]) {
      await expect(speak()!(never)).rejects.toMatchObject({ details: { said: 'unclear' } });
      call.speech.finished(number);
    }
    expect(speak()).toBeUndefined();
    expect(call.available).toBe(true);
  });

  test('a connection that is lost between two turns fails the next reply', async () => {
    await start();
    await reply(1, [GREETING]);
    server.tear();
    await server.until(() => server.connections === 0);
    expect(await failureOf(2)).toMatchObject({ service: 'speech-to-speech' });
    expect(call.available).toBe(false);
  });

  test('unknown events, events of unknown responses and binary messages are logged once and change nothing', async () => {
    await start({
      reply: (response) => {
        for (let round = 0; round < 3; round += 1) {
          response.send({ type: 'weather.changed' });
          response.send({ type: 'response.output_audio.delta', response_id: 'resp_x', delta: 'AAAA' });
          response.socket.send(Buffer.from([1, 2]), { binary: true });
          response.socket.send('{');
        }
        response.converse(buzz('Yes.'), 'Yes.');
      },
    });
    expect((await reply(1, [GREETING])).words).toBe('Yes.');
    expect([...assistant.ignored.counts.values()]).toEqual([3, 3, 3, 3]);
    expect(logged).toHaveLength(4);
  });
});
