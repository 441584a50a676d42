import { afterEach, describe, expect, test } from 'vitest';
import type { SpokenWords } from '../../../../src/call/ports.ts';
import { createLog } from '../../../../src/log.ts';
import { RealtimeVoice } from '../../../../src/openai/realtime/voice/realtime-voice.ts';
import { startProxy } from '../../../doubles/proxy-server.ts';
import {
  buzz,
  RealtimeServer,
  type RealtimeServerOptions,
} from '../../../doubles/realtime/realtime-server.ts';
import { HandTimer } from '../../hand-timer.ts';

const never = new AbortController().signal;
const KEY = 'sk-1';

let server: RealtimeServer;
let voice: RealtimeVoice;
let logged: string[];

afterEach(async () => {
  voice.close();
  await server.close();
});

/** `timed`: the time of the voice passes when the test says so. */
async function start(options: RealtimeServerOptions = {}): Promise<HandTimer> {
  server = await RealtimeServer.start({ apiKey: KEY, ...options });
  const hand = new HandTimer();
  logged = [];
  const log = createLog({ level: 'info', destination: { write: (line: string) => void logged.push(line) } });
  const speech = {
    engine: 'realtime',
    model: 'm',
    baseUrl: server.baseUrl,
    voice: 'marin',
    apiKey: KEY,
  } as const;
  voice = new RealtimeVoice({ speech, log, timing: { timer: hand.timer, now: () => 0 } });
  return hand;
}

/** One character per byte: quick to compare. */
const soundOf = (mulaw: Uint8Array): string => Buffer.from(mulaw).toString('latin1');

async function spoken(parts: AsyncIterable<Uint8Array | SpokenWords>) {
  const audio: Uint8Array[] = [];
  let words: string | undefined;
  for await (const part of parts) {
    if (part instanceof Uint8Array) audio.push(part);
    else words = part.spoken;
  }
  return { audio: soundOf(Buffer.concat(audio)), words };
}

const failureOf = (text = 'Hello.') => spoken(voice.speak(text, never)).catch((error: unknown) => error);
const SPEECH_FAILED = { name: 'ServiceError', service: 'speech' };

describe('RealtimeVoice', () => {
  test('speaks a sentence outside of the conversation, and passes its μ-law on unchanged', async () => {
    await start();
    const { audio, words } = await spoken(voice.speak('How can I help you?', never));
    expect(audio).toEqual(soundOf(buzz('How can I help you?')));
    expect(words).toBeUndefined();
    const [{ url, headers }] = server.handshakes as [(typeof server.handshakes)[0]];
    expect(url).toBe('/v1/realtime?model=m');
    expect(headers).toMatchObject({ authorization: `Bearer ${KEY}` });
    expect(headers).not.toHaveProperty('openai-beta');
    expect(server.of('session.update')).toMatchObject([
      { session: { audio: { output: { format: { type: 'audio/pcmu' }, voice: 'marin' } } } },
    ]);
    expect(server.of('response.create')).toMatchObject([
      {
        response: {
          conversation: 'none',
          input: [],
          instructions: expect.stringContaining('<text>How can I help you?</text>') as string,
        },
      },
    ]);
    // A response that has ended is not cancelled.
    expect(server.of('response.cancel')).toEqual([]);
    expect(voice.figures).toEqual({ spoken: 1, reworded: 0 });
  });

  test('sentences in flight at the same time share a session, and each gets its own audio', async () => {
    const waiting: (() => void)[] = [];
    await start({
      respond: (response) => {
        response.created();
        waiting.push(() => {
          response.audio(buzz(response.text));
          response.words(response.text);
          response.done('completed', response.text);
        });
        // All of them end in reverse order.
        if (waiting.length === 4) for (const end of waiting.reverse()) end();
      },
    });
    const texts = ['One.', 'Two and a half.', 'Three, or so.', 'And four.'];
    const heard = await Promise.all(texts.map((text) => spoken(voice.speak(text, never))));
    expect(heard.map(({ audio }) => audio)).toEqual(texts.map((text) => soundOf(buzz(text))));
    expect(server.handshakes).toHaveLength(1);
  });

  test('a fifth sentence gets a session of its own', async () => {
    await start({ respond: (response) => response.created() });
    const call = new AbortController();
    const all = Array.from({ length: 5 }, (_, n) => spoken(voice.speak(`Sentence ${n}.`, call.signal)));
    await server.until(() => server.of('response.create').length === 5);
    expect(
      server.received.filter(({ event }) => event.type === 'response.create').map((one) => one.connection),
    ).toEqual(expect.arrayContaining([0, 0, 0, 0, 1]));
    call.abort();
    await Promise.all(all);
    await server.until(() => server.of('response.cancel').length === 5);
  });

  test('while a phone rings the session is opened, and the first sentence uses it', async () => {
    await start();
    voice.wake();
    voice.wake();
    await server.until(() => server.of('session.update').length === 1);
    await spoken(voice.speak('Hello.', never));
    expect(server.handshakes).toHaveLength(1);
  });

  test('yields the words that were spoken if they are not those of the text', async () => {
    await start({ respond: (response) => response.speak(buzz(response.text), "I'm here.") });
    const { audio, words } = await spoken(voice.speak('I am here.', never));
    expect(audio.length).toBeGreaterThan(0);
    expect(words).toBe("I'm here.");
    expect(voice.figures).toEqual({ spoken: 1, reworded: 1 });
    expect(logged.filter((line) => line.includes('other words'))).toHaveLength(1);
    expect(logged.join()).not.toContain('here');
  });

  test('punctuation, case and spaces are no other words', async () => {
    await start({ respond: (response) => response.speak(buzz(response.text), 'well  I’m here') });
    expect((await spoken(voice.speak("Well: I'm here!", never))).words).toBeUndefined();
  });

  test('silence before the first sound is not lost', async () => {
    await start({
      respond: (response) => response.speak(Buffer.concat([Buffer.alloc(1_600, 0xff), buzz('Hello.')])),
    });
    const { audio } = await spoken(voice.speak('Hello.', never));
    expect(audio).toEqual(soundOf(Buffer.concat([Buffer.alloc(1_600, 0xff), buzz('Hello.')])));
  });

  test('a server that does not return metadata is understood while one sentence is requested', async () => {
    await start({
      respond: (response) => {
        response.created(null);
        response.audio(buzz(response.text));
        response.done('completed', response.text);
      },
    });
    expect((await spoken(voice.speak('Hello.', never))).audio).toEqual(soundOf(buzz('Hello.')));
  });
});

test('a Realtime voice is reached through a tunnel of the proxy', async () => {
  await start();
  const proxy = await startProxy({ hosts: { 'voice.invalid': server.baseUrl }, tunnels: true });
  const baseUrl = 'http://voice.invalid:80/v1';
  const speech = {
    engine: 'realtime',
    model: 'm',
    baseUrl,
    voice: 'marin',
    apiKey: KEY,
    proxy: proxy.url,
  } as const;
  const distant = new RealtimeVoice({ speech });
  try {
    expect((await spoken(distant.speak('Hello.', never))).audio).toBe(soundOf(buzz('Hello.')));
    expect(proxy.requests).toEqual(['CONNECT voice.invalid:80']);
  } finally {
    distant.close();
    await proxy.close();
  }
});

describe('a caller who interrupts', () => {
  test('cancels the response by its id; its late audio is ignored and counted', async () => {
    await start({
      respond: (response) => {
        response.created();
        response.audio(buzz(response.text));
      },
      cancelled: (response) => {
        response.audio(buzz('late'));
        response.done('cancelled');
      },
    });
    const call = new AbortController();
    let parts = 0;
    for await (const _ of voice.speak('Hello.', call.signal)) {
      parts += 1;
      call.abort();
    }
    expect(parts).toBe(1);
    server.options = { apiKey: KEY };
    expect((await spoken(voice.speak('Next.', never))).audio).toEqual(soundOf(buzz('Next.')));
    expect(server.of('response.cancel')).toMatchObject([{ response_id: 'resp_1' }]);
    expect(server.handshakes).toHaveLength(1);
    expect(voice.ignored.counts.get('an event after a cancel')).toBeGreaterThan(0);
    expect(logged.filter((line) => line.includes('an event after a cancel'))).toHaveLength(1);
  });

  test('before the response begins: it is cancelled as soon as it does', async () => {
    let begin = (): void => {};
    await start({ respond: (response) => (begin = () => response.created()) });
    const call = new AbortController();
    const heard = spoken(voice.speak('Hello.', call.signal));
    await server.until(() => server.of('response.create').length === 1);
    call.abort();
    expect((await heard).audio).toHaveLength(0);
    begin();
    await server.until(() => server.of('response.cancel').length === 1);
    expect(server.of('response.cancel')).toMatchObject([{ response_id: 'resp_1' }]);
  });

  test('before the session exists: nothing is requested', async () => {
    await start();
    const call = new AbortController();
    const heard = spoken(voice.speak('Hello.', call.signal));
    call.abort();
    expect((await heard).audio).toHaveLength(0);
    await spoken(voice.speak('Next.', never));
    expect(server.of('response.create')).toHaveLength(1);
  });
});

describe('a server that fails', () => {
  test.each([
    [401, false, 'it does not accept the key'],
    [404, false, 'it does not know the model or the address (“no session for you”)'],
    [503, true, undefined],
  ])(
    'the handshake with %i fails the sentence; the next one tries again',
    async (status, transient, refusal) => {
      await start({ refuse: status });
      expect(await failureOf()).toMatchObject({ ...SPEECH_FAILED, transient, refusal, details: { status } });
      server.options = { apiKey: KEY };
      expect((await spoken(voice.speak('Hello.', never))).audio.length).toBeGreaterThan(0);
    },
  );

  test('no session.updated: the sentence fails after 4 s', async () => {
    const hand = await start({ configure: () => undefined });
    const failure = failureOf();
    await server.until(() => server.of('session.update').length === 1);
    expect(hand.waiting).toEqual([4_000, 4_000]);
    await hand.runOut();
    expect(await failure).toMatchObject({ ...SPEECH_FAILED, transient: true, details: { code: 'timeout' } });
    await server.until(() => server.connections === 0);
  });

  test('another audio format is refused, because it would be heard as noise', async () => {
    await start({
      configure: (send) =>
        send({
          type: 'session.updated',
          session: { type: 'realtime', audio: { output: { format: { type: 'audio/pcm', rate: 24_000 } } } },
        }),
    });
    expect(await failureOf()).toMatchObject({
      ...SPEECH_FAILED,
      transient: false,
      details: { code: 'wrong_format', said: 'the server speaks audio/pcm, not audio/pcmu' },
    });
  });

  test('an error for each message fails each sentence with what the server says', async () => {
    const error = { type: 'invalid_request_error', code: 'no_such_voice', message: 'No such voice.' };
    await start({ configure: (send) => send({ type: 'error', error }) });
    for (let n = 0; n < 3; n += 1)
      expect(await failureOf()).toMatchObject({
        ...SPEECH_FAILED,
        transient: false,
        details: { code: 'no_such_voice', said: 'No such voice.' },
      });
    await server.until(() => server.connections === 0);
  });

  test.each([
    ['names the request', true],
    ['names none', false],
  ])('an error of one response that %s fails that sentence alone', async (_, named) => {
    await start({
      respond: (response, index) => {
        if (index > 0) return response.speak(buzz(response.text));
        const error = {
          type: 'server_error',
          code: null,
          message: 'Something broke.',
          event_id: named ? 's1' : null,
        };
        return response.send({ type: 'error', error });
      },
    });
    const [first, second] = [failureOf('One.'), failureOf('Two.')];
    expect(await first).toMatchObject({
      ...SPEECH_FAILED,
      transient: true,
      details: { said: 'Something broke.' },
    });
    expect(await second).toMatchObject({ audio: soundOf(buzz('Two.')) });
  });

  test('a response that fails is an error with its reason', async () => {
    await start({
      respond: (response) => {
        response.created();
        const error = { type: 'insufficient_quota', code: 'credit_balance_exhausted', message: 'No credit.' };
        response.done('failed', '', { type: 'failed', error });
      },
    });
    expect(await failureOf()).toMatchObject({
      ...SPEECH_FAILED,
      transient: false,
      refusal: 'the account has no money left',
    });
  });

  test.each([
    ['is without audio', (): Uint8Array => new Uint8Array(0)],
    ['is silence', () => Buffer.alloc(1_600, 0xff)],
    ['begins with more than 2 s of silence', () => Buffer.alloc(16_100, 0x7f)],
  ])('a response that %s is an error', async (_, audio) => {
    await start({ respond: (response) => response.speak(audio()) });
    expect(await failureOf()).toMatchObject({
      ...SPEECH_FAILED,
      transient: true,
      details: { code: 'no_audio' },
    });
  });

  test('audio that is not base64 fails the sentence', async () => {
    await start({
      respond: (response) => {
        response.created();
        response.delta('%%%');
        response.done('completed', response.text);
      },
    });
    expect(await failureOf()).toMatchObject({ ...SPEECH_FAILED, details: { code: 'unreadable_audio' } });
  });

  test('a stall before the audio, or within it, fails the sentence after 4 s, and the next one gets a new session', async () => {
    let begin = (_: boolean): void => {};
    const began = (): Promise<boolean> => new Promise((resolve) => (begin = resolve));
    const hand = await start({
      respond: (response, index) => {
        response.created();
        if (index === 1) response.audio(buzz(response.text));
        begin(true);
      },
    });
    let stalled = began();
    const first = failureOf();
    await stalled;
    await hand.runOut();
    expect(await first).toMatchObject({ ...SPEECH_FAILED, transient: true, details: { code: 'timeout' } });
    stalled = began();
    const parts = voice.speak('Again.', never)[Symbol.asyncIterator]();
    await parts.next();
    await stalled;
    const rest = spoken({ [Symbol.asyncIterator]: () => parts }).catch((error: unknown) => error);
    await hand.runOut();
    expect(await rest).toMatchObject({ ...SPEECH_FAILED, details: { said: 'the response stopped' } });
    server.options = { apiKey: KEY };
    expect((await spoken(voice.speak('Once more.', never))).audio.length).toBeGreaterThan(0);
    expect(server.handshakes).toHaveLength(3);
  });

  test('a connection that was lost while it was idle costs no sentence', async () => {
    await start();
    await spoken(voice.speak('One.', never));
    server.options = {
      apiKey: KEY,
      respond: (response, index) =>
        index === 1 ? response.socket.terminate() : response.speak(buzz(response.text)),
    };
    expect((await spoken(voice.speak('Two.', never))).audio).toEqual(soundOf(buzz('Two.')));
    expect(server.handshakes).toHaveLength(2);
  });

  test('a connection that breaks each time fails the sentence after two attempts', async () => {
    await start({ respond: (response) => response.socket.terminate() });
    expect(await failureOf()).toMatchObject({ ...SPEECH_FAILED, transient: true });
    expect(server.handshakes).toHaveLength(2);
  });

  test('a connection that breaks within the audio fails the sentence; the next one connects again', async () => {
    await start({
      respond: (response, index) => {
        if (index > 0) return response.speak(buzz(response.text));
        response.created();
        response.audio(buzz(response.text));
        return response.socket.close(1001, 'Your session hit the maximum duration of 60 minutes.');
      },
    });
    expect(await failureOf()).toMatchObject({
      ...SPEECH_FAILED,
      details: { said: expect.stringContaining('maximum duration of 60 minutes') as string },
    });
    expect((await spoken(voice.speak('Next.', never))).audio.length).toBeGreaterThan(0);
  });

  test('a session that has expired takes no further sentence', async () => {
    await start();
    await spoken(voice.speak('One.', never));
    const error = {
      type: 'invalid_request_error',
      code: 'session_expired',
      message: 'Your session hit the maximum.',
    };
    server.options = {
      apiKey: KEY,
      respond: (response, index) => {
        if (index === 1) response.send({ type: 'error', error });
        response.speak(buzz(response.text));
      },
    };
    await spoken(voice.speak('Two.', never));
    await spoken(voice.speak('Three.', never));
    expect(server.handshakes).toHaveLength(2);
    await server.until(() => server.connections === 1);
  });

  test('a message of 10 MB ends the connection and the sentence, not the process', async () => {
    await start({
      respond: (response) => {
        response.created();
        response.delta('A'.repeat(10 * 1024 * 1024));
      },
    });
    expect(await failureOf()).toMatchObject({ ...SPEECH_FAILED, transient: true });
    server.options = { apiKey: KEY };
    expect((await spoken(voice.speak('Hello.', never))).audio.length).toBeGreaterThan(0);
  });

  test('speech that does not end is cancelled', async () => {
    await start({
      respond: (response) => {
        response.created();
        for (let n = 0; n < 130; n += 1) response.audio(buzz('x'.repeat(25)));
      },
    });
    expect(await failureOf()).toMatchObject({ ...SPEECH_FAILED, details: { code: 'endless_audio' } });
    await server.until(() => server.of('response.cancel').length === 1);
  });

  test('unknown events, texts that are not JSON and binary messages are ignored, and logged once per kind', async () => {
    await start({
      respond: (response) => {
        for (let n = 0; n < 20; n += 1) {
          response.send({ type: 'weather.changed' });
          response.socket.send('{');
          response.socket.send(Buffer.from([1, 2]), { binary: true });
          response.socket.send('[]');
          response.send({ type: 'response.output_audio.delta', response_id: 'resp_x', delta: 'AAAA' });
        }
        response.speak(buzz(response.text));
      },
    });
    expect((await spoken(voice.speak('Hello.', never))).audio).toEqual(soundOf(buzz('Hello.')));
    expect([...voice.ignored.counts.values()]).toEqual([20, 20, 20, 20, 20]);
    expect(logged.filter((line) => line.includes('is ignored'))).toHaveLength(5);
  });

  test('a flood of unusable messages ends the connection', async () => {
    await start({
      respond: (response) => {
        for (let n = 0; n < 1_100; n += 1) response.socket.send('{');
      },
    });
    expect(await failureOf()).toMatchObject({ ...SPEECH_FAILED, transient: true });
  });
});
