import { afterEach, describe, expect, test } from 'vitest';
import { Resampler } from '../../../../src/audio/resampler.ts';

import { createLog } from '../../../../src/log.ts';
import { RealtimeTranscriber } from '../../../../src/openai/realtime/transcription/realtime-transcriber.ts';
import { recordedSpeechOf } from '../../../../src/simulator/fixtures/recorded-speech.ts';
import { startProxy } from '../../../doubles/proxy-server.ts';
import {
  buzz,
  RealtimeServer,
  type RealtimeServerOptions,
} from '../../../doubles/realtime/realtime-server.ts';
import type { TranscribedItem } from '../../../doubles/realtime/transcribed-item.ts';
import { UtteranceMatcher } from '../../../doubles/utterance-matcher.ts';
import { HandTimer } from '../../hand-timer.ts';

const never = new AbortController().signal;
const KEY = 'sk-1';
/** One second of speech. */
const SPEECH = buzz('x'.repeat(25));

let server: RealtimeServer;
let transcriber: RealtimeTranscriber;
let stream: ReturnType<RealtimeTranscriber['open']>;
let logged: string[];
let nowMs: number;

afterEach(async () => {
  transcriber.close();
  await server.close();
});

/** The time of the transcriber passes when the test says so. */
async function start(options: RealtimeServerOptions = {}): Promise<HandTimer> {
  server = await RealtimeServer.start({ apiKey: KEY, ...options });
  const hand = new HandTimer();
  logged = [];
  nowMs = 0;
  const log = createLog({ level: 'info', destination: { write: (line: string) => void logged.push(line) } });
  const settings = { model: 'gpt-live-transcribe', baseUrl: server.baseUrl, apiKey: KEY };
  const timing = { timer: hand.timer, now: () => nowMs };
  transcriber = new RealtimeTranscriber({ settings, language: 'en-GB', log, timing });
  stream = transcriber.open();
  return hand;
}

/** The audio that the server has of each utterance, as base64. */
const hears = (): ((item: TranscribedItem) => void) & { readonly items: TranscribedItem[] } => {
  const items: TranscribedItem[] = [];
  return Object.assign((item: TranscribedItem) => void items.push(item), { items });
};
const base64 = (mulaw: Uint8Array): string => Buffer.from(mulaw).toString('base64');
/** The caller speaks: the stream hears it frame by frame. */
function speak(speech = SPEECH, from = 0): void {
  for (let length = from + 160; length <= speech.length; length += 160)
    stream.hear(speech.subarray(0, length));
}
const textOf = (speech = SPEECH, signal = never) => stream.transcribe(speech, signal);
const failureOf = (speech = SPEECH) => textOf(speech).catch((error: unknown) => error);
const FAILED = { name: 'ServiceError', service: 'streaming-transcription' };

describe('RealtimeTranscriber', () => {
  test('has the words of an utterance while its text is not complete', async () => {
    const transcribe = hears();
    await start({ transcribe });
    speak();
    const text = textOf();
    await server.until(() => transcribe.items.length === 1);
    const [item] = transcribe.items as [TranscribedItem];
    item.committed();
    for (const delta of ['I', ' would', ' like']) item.delta(delta);
    await expect.poll(() => stream.partialText).toBe('I would like');
    item.completed('I would like to ask.');
    expect(await text).toBe('I would like to ask.');
    expect(stream.partialText).toBe('');
  });

  test('has the words of a server that sends them before the commit, and not those of another utterance', async () => {
    const items: TranscribedItem[] = [];
    await start({
      transcribe: (item) => {
        items.push(item);
        item.transcribe('First.');
      },
    });
    speak();
    expect(await textOf()).toBe('First.');
    expect(stream.partialText).toBe('');
    const delta = (words: unknown): void =>
      items[0]!.send({
        type: 'conversation.item.input_audio_transcription.delta',
        ...{ item_id: 'item_early', content_index: 0, delta: words },
      });
    speak();
    delta('I would');
    delta(5);
    delta(' like');
    await expect.poll(() => stream.partialText).toBe('I would like');
    stream.discard();
    expect(stream.partialText).toBe('');
  });

  test('sends μ-law unchanged while the caller speaks, and gets the text after the commit', async () => {
    const heard: string[] = [];
    await start({
      transcribe: (item) => {
        heard.push(base64(item.audio));
        item.transcribe('I would like to ask.');
      },
    });
    speak();
    await server.until(() => server.of('input_audio_buffer.append').length === 10);
    expect(server.of('input_audio_buffer.commit')).toEqual([]);
    expect(await textOf()).toBe('I would like to ask.');
    expect(heard).toEqual([base64(SPEECH)]);
    const [{ url, headers }] = server.handshakes as [(typeof server.handshakes)[0]];
    expect(url).toBe('/v1/realtime?intent=transcription');
    expect(headers).toMatchObject({ authorization: `Bearer ${KEY}` });
    expect(headers).not.toHaveProperty('openai-beta');
    expect(server.of('session.update')).toMatchObject([
      {
        session: {
          type: 'transcription',
          audio: {
            input: {
              format: { type: 'audio/pcmu' },
              transcription: { model: 'gpt-live-transcribe', language: 'en' },
              turn_detection: null,
            },
          },
        },
      },
    ]);
  });

  test('of an utterance that goes on after a pause, each text is that of the whole', async () => {
    const transcribe = hears();
    await start({ transcribe });
    const half = SPEECH.subarray(0, SPEECH.length / 2);
    speak(half);
    const call = new AbortController();
    const early = textOf(half, call.signal).catch(() => 'cancelled');
    await server.until(() => transcribe.items.length === 1);
    call.abort();
    speak(SPEECH, half.length);
    const final = textOf();
    await server.until(() => transcribe.items.length === 2);
    for (const item of transcribe.items)
      item.transcribe(item.audio.length === SPEECH.length ? 'All.' : 'Half.');
    expect([await early, await final]).toEqual(['cancelled', 'All.']);
    expect(transcribe.items.map(({ audio }) => base64(audio))).toEqual([base64(half), base64(SPEECH)]);
    expect([...transcriber.ignored.counts]).toEqual([]);
  });

  test('texts that arrive out of order are those of their items', async () => {
    const transcribe = hears();
    await start({ transcribe });
    const texts = [textOf(), textOf(), textOf()];
    await server.until(() => transcribe.items.length === 3);
    for (const item of transcribe.items) item.committed();
    for (const item of [...transcribe.items].reverse()) item.completed(`Text of ${item.id}.`);
    expect(await Promise.all(texts)).toEqual(['Text of item_1.', 'Text of item_2.', 'Text of item_3.']);
    expect(server.handshakes).toHaveLength(1);
  });

  test('while a phone rings a session is opened, and the call uses it alone', async () => {
    await start({ transcribe: (item) => item.transcribe('Hello.') });
    transcriber.wake();
    await server.until(() => server.of('session.update').length === 2);
    const [one, other] = [transcriber.open(), transcriber.open()];
    await Promise.all([one, other].map((each) => each.transcribe(SPEECH, never)));
    expect(new Set(server.received.map(({ connection }) => connection)).size).toBe(3);
    expect(server.handshakes).toHaveLength(3);
  });

  test('an utterance that is not to be transcribed does not become part of the next one', async () => {
    const transcribe = hears();
    await start({ transcribe });
    speak();
    stream.discard();
    const text = textOf(SPEECH.subarray(0, 4_000));
    await server.until(() => transcribe.items.length === 1);
    transcribe.items[0]!.transcribe('Hello.');
    expect(await text).toBe('Hello.');
    expect(transcribe.items.map(({ audio }) => audio.length)).toEqual([4_000]);
  });

  test('requests no text of silence, and removes what nobody said', async () => {
    await start({ transcribe: (item) => item.transcribe('Thanks for watching!') });
    const silence = new Uint8Array(8_000).fill(0xff);
    speak(silence);
    expect(await textOf(silence)).toBe('');
    expect(server.of('input_audio_buffer.commit')).toEqual([]);
    const click = Buffer.concat([silence, SPEECH.subarray(0, 800)]);
    expect(await textOf(click)).toBe('');
    expect(server.of('input_audio_buffer.commit')).toHaveLength(1);
  });

  test('the text of the last utterance arrives after the call, and then the connection is closed', async () => {
    const transcribe = hears();
    await start({ transcribe });
    const text = textOf();
    stream.end();
    await server.until(() => transcribe.items.length === 1);
    transcribe.items[0]!.transcribe('Goodbye.');
    expect(await text).toBe('Goodbye.');
    await server.until(() => server.connections === 0);
  });

  test.each(['refuses', 'states'] as const)(
    'a server that takes only PCM gets it at 24,000 Hz: it %s its own format',
    async (pcmOnly) => {
      const { mulaw, text, pcm } = recordedSpeechOf('caller-i-would-like-to-ask');
      const transcribe = hears();
      await start({ pcmOnly, transcribe });
      for (const turn of [1, 2]) {
        speak(mulaw);
        const words = textOf(mulaw);
        await server.until(() => transcribe.items.length === turn);
        const { audio, id } = transcribe.items[turn - 1]!;
        expect(audio.length).toBe(mulaw.length * 3 * 2);
        const down = new Resampler({ fromHz: 24_000, toHz: 8_000 });
        const heard = down.process(new Int16Array(Uint8Array.from(audio).buffer));
        down.close();
        transcribe.items[turn - 1]!.transcribe(new UtteranceMatcher([{ text, pcm }]).recognise(heard) ?? id);
        expect(await words).toBe(text);
      }
      expect(server.handshakes).toHaveLength(1);
      expect(server.of('session.update')).toHaveLength(pcmOnly === 'refuses' ? 2 : 1);
    },
  );

  test.each([false, true])(
    'a server that refuses the language is asked without it; PCM alone: %s',
    async (onlyPcm) => {
      const transcribe = (item: TranscribedItem): void => item.transcribe('I would like to ask.');
      await start({ refusesLanguage: true, pcmOnly: onlyPcm ? 'refuses' : undefined, transcribe });
      speak();
      expect(await textOf()).toBe('I would like to ask.');
      const languages = server
        .of('session.update')
        .map((update) => JSON.stringify(update).includes('"language":"en"'));
      expect(languages).toEqual(onlyPcm ? [true, true, false] : [true, false]);
      expect(server.handshakes).toHaveLength(1);
    },
  );

  test('is reached through a tunnel of the proxy', async () => {
    await start({ transcribe: (item) => item.transcribe('Hello.') });
    const proxy = await startProxy({ hosts: { 'text.invalid': server.baseUrl }, tunnels: true });
    const settings = { model: 'm', baseUrl: 'http://text.invalid:80/v1', apiKey: KEY, proxy: proxy.url };
    const distant = new RealtimeTranscriber({ settings, language: 'en' });
    try {
      expect(await distant.transcribe(SPEECH, never)).toBe('Hello.');
      expect(proxy.requests).toEqual(['CONNECT text.invalid:80']);
    } finally {
      distant.close();
      await proxy.close();
    }
  });
});

describe('a server that fails', () => {
  test.each([
    [401, false, 'it does not accept the key'],
    [404, false, 'it does not know the model or the address (“no session for you”)'],
    [503, true, undefined],
  ])(
    'the handshake with %i fails the utterance; the next one tries again',
    async (status, transient, refusal) => {
      await start({ refuse: status, transcribe: (item) => item.transcribe('Hello.') });
      speak();
      expect(await failureOf()).toMatchObject({ ...FAILED, transient, refusal, details: { status } });
      server.options = { ...server.options, refuse: undefined };
      speak();
      expect(await textOf()).toBe('Hello.');
    },
  );

  test('no session.updated: the utterance fails after 2 s at the latest', async () => {
    const hand = await start({ configure: () => undefined });
    const failure = failureOf();
    await server.until(() => server.of('session.update').length === 1);
    expect(hand.waiting).toEqual([4_000, 2_000]);
    await hand.runOut();
    expect(await failure).toMatchObject({ ...FAILED, transient: true, details: { code: 'timeout' } });
    await server.until(() => server.connections === 0);
    expect(server.of('input_audio_buffer.append')).toEqual([]);
  });

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    [
      'another format',
      { format: { type: 'audio/pcma' }, turn_detection: null },
      'the server expects audio/pcma, not audio/pcmu',
    ],
    [
      'another rate',
      { format: { type: 'audio/pcm', rate: 16_000 }, turn_detection: null },
      'the server expects audio/pcm at 16000 Hz, not audio/pcmu',
    ],
    [
      'a turn detection of its own',
      { format: { type: 'audio/pcmu' }, turn_detection: { type: 'server_vad' } },
      'the server divides the audio itself',
    ],
  ])('a session with %s is refused', async (_, input, said) => {
    await start({
      configure: (send) =>
        send({ type: 'session.updated', session: { type: 'transcription', audio: { input } } }),
    });
    expect(await failureOf()).toMatchObject({
      ...FAILED,
      transient: false,
      details: { code: 'wrong_session', said },
    });
    expect(server.of('input_audio_buffer.append')).toEqual([]);
  });

  test('an error for each message fails each utterance with what the server says', async () => {
    const error = { type: 'invalid_request_error', code: 'no_such_model', message: 'No such model.' };
    await start({
      intercept: (_, send) => {
        send({ type: 'error', error });
        return true;
      },
    });
    speak();
    expect(await failureOf()).toMatchObject({
      ...FAILED,
      transient: false,
      details: { said: 'No such model.' },
    });
    await server.until(() => server.connections === 0);
  });

  test('an error within an utterance ends its session: the buffer may lack audio', async () => {
    let refused = 0;
    await start({
      transcribe: (item) => item.transcribe('Hello.'),
      intercept: ({ type }, send) => {
        if (type !== 'input_audio_buffer.append' || (refused += 1) !== 3) return false;
        send({ type: 'error', error: { type: 'server_error', message: 'Something broke.' } });
        return true;
      },
    });
    speak();
    await server.until(() => server.connections === 0);
    expect(await failureOf()).toMatchObject({
      ...FAILED,
      transient: true,
      details: { said: 'Something broke.' },
    });
    speak();
    expect(await textOf()).toBe('Hello.');
    expect(server.handshakes).toHaveLength(2);
  });

  test('a text that fails is an error with its reason; the session remains', async () => {
    let items = 0;
    await start({
      transcribe: (item) => {
        if ((items += 1) > 1) return item.transcribe('Hello.');
        item.committed();
        return item.failed('Cannot hear it.');
      },
    });
    expect(await failureOf()).toMatchObject({ ...FAILED, details: { said: 'Cannot hear it.' } });
    expect(await textOf()).toBe('Hello.');
    expect(server.handshakes).toHaveLength(1);
  });

  test.each<[string, (item: TranscribedItem) => void]>([
    ['without a commit', () => undefined],
    ['after the commit', (item) => item.committed()],
    ['within the text', (item) => (item.committed(), item.delta('I would'))],
    ['with the text of an unknown item', (item) => (item.committed(), item.send({ ...OF_OTHER }))],
  ])('a stall %s fails the utterance, and the next one gets a new session', async (_, transcribe) => {
    const hand = await start({ transcribe });
    speak();
    const failure = failureOf();
    await server.until(() => server.of('input_audio_buffer.commit').length === 1);
    await hand.runOut();
    expect(await failure).toMatchObject({ ...FAILED, transient: true, details: { code: 'timeout' } });
    server.options = { apiKey: KEY, transcribe: (item) => item.transcribe('Hello.') };
    speak();
    expect(await textOf()).toBe('Hello.');
    expect(server.handshakes).toHaveLength(2);
  });

  test('a connection that is lost within an utterance fails it; one that is lost between two costs none', async () => {
    const sockets: TranscribedItem['socket'][] = [];
    await start({ transcribe: (item) => (sockets.push(item.socket), item.transcribe('Hello.')) });
    speak();
    await server.until(() => server.of('input_audio_buffer.append').length > 0);
    server.tear();
    await server.until(() => server.connections === 0);
    expect(await failureOf()).toMatchObject({ ...FAILED, transient: true });
    speak();
    expect(await textOf()).toBe('Hello.');
    sockets[0]!.close(1001);
    await server.until(() => server.connections === 0);
    expect(await textOf()).toBe('Hello.');
    expect(server.handshakes).toHaveLength(3);
  });

  test('a message of 10 MB ends the connection and the utterance, not the process', async () => {
    await start({ transcribe: (item) => (item.committed(), item.completed('A'.repeat(10 * 1024 * 1024))) });
    expect(await failureOf()).toMatchObject({ ...FAILED, transient: true });
  });

  test('a text that is none fails the utterance at once', async () => {
    await start({ transcribe: (item) => (item.committed(), item.completed({ words: 5 })) });
    expect(await failureOf()).toMatchObject({ ...FAILED, details: { said: 'the event has no text' } });
  });

  test('unknown events, texts that are not JSON and binary messages are ignored, and logged once per kind', async () => {
    await start({
      transcribe: (item) => {
        for (let n = 0; n < 20; n += 1) {
          item.send({ type: 'weather.changed' });
          item.socket.send('{');
          item.socket.send(Buffer.from([1, 2]), { binary: true });
          item.send({ ...OF_OTHER });
          item.send({ type: 'input_audio_buffer.committed' });
        }
        item.transcribe('Hello.');
      },
    });
    expect(await textOf()).toBe('Hello.');
    expect([...transcriber.ignored.counts.values()]).toEqual([20, 20, 20, 20, 20]);
    expect(logged.filter((line) => line.includes('is ignored'))).toHaveLength(5);
    expect(logged.every((line) => line.includes('"service":"streaming-transcription"'))).toBe(true);
  });

  test('a flood of unusable messages ends the connection', async () => {
    await start({
      transcribe: (item) => {
        for (let n = 0; n < 1_100; n += 1) item.socket.send('{');
      },
    });
    expect(await failureOf()).toMatchObject({ ...FAILED, transient: true });
  });

  test('after two failures in a row it is not asked for 30 s', async () => {
    await start({ refuse: 503, transcribe: (item) => item.transcribe('Hello.') });
    await failureOf();
    expect(stream.available).toBe(true);
    await failureOf();
    expect(stream.available).toBe(false);
    const { length } = server.handshakes;
    server.options = { ...server.options, refuse: undefined };
    speak();
    transcriber.wake();
    expect(server.handshakes).toHaveLength(length);
    nowMs = 29_999;
    expect(stream.available).toBe(false);
    nowMs = 30_000;
    expect(stream.available).toBe(true);
    expect(await textOf()).toBe('Hello.');
  });

  test('a check that succeeds ends that pause', async () => {
    await start({ refuse: 503, transcribe: (item) => item.transcribe('Hello.') });
    await failureOf();
    await failureOf();
    server.options = { ...server.options, refuse: undefined };
    expect(await transcriber.transcribe(SPEECH, never)).toBe('Hello.');
    expect(stream.available).toBe(true);
  });

  test('a session is replaced before it expires, between two utterances', async () => {
    await start({ transcribe: (item) => item.transcribe('Hello.') });
    await textOf();
    nowMs = 56 * 60_000;
    speak();
    expect(await textOf()).toBe('Hello.');
    expect(server.handshakes).toHaveLength(2);
    await server.until(() => server.connections === 1);
  });
});

const OF_OTHER = {
  type: 'conversation.item.input_audio_transcription.completed',
  item_id: 'item_x',
  content_index: 0,
  transcript: 'Something else.',
};
