import { afterEach, describe, expect, test } from 'vitest';
import { ModelWaker } from '../../../src/openai/server/model-waker.ts';
import { ServerProfiles } from '../../../src/openai/server/server-profiles.ts';
import { ChatReplier } from '../../../src/openai/chat/chat-replier.ts';
import { SpeechVoice } from '../../../src/openai/speech/speech-voice.ts';
import { WhisperTranscriber } from '../../../src/openai/transcription/whisper-transcriber.ts';
import { ScriptedServer } from '../scripted-server.ts';

function wakerFor(baseUrl: string) {
  let nowMs = 0;
  const profile = new ServerProfiles().of('chat', { baseUrl, model: 'm' });
  const waker = new ModelWaker(profile, () => nowMs);
  let asked = 0;
  let finish = (): void => {};
  const request = () => {
    asked += 1;
    return new Promise<void>((resolve) => (finish = resolve));
  };
  return {
    profile,
    waker,
    wake: () => waker.wake(request),
    asked: () => asked,
    /** The model is loaded now. */
    loaded: async () => {
      finish();
      await new Promise((turn) => setImmediate(turn));
    },
    pass: (ms: number) => (nowMs += ms),
  };
}

describe('ModelWaker', () => {
  test.each([
    '127.0.0.1',
    '192.168.1.7',
    '10.0.0.1',
    '172.20.0.3',
    '[::1]',
    '[fd00::1]',
    'localhost',
    'ollama',
    'gpu.local',
  ])('wakes a model at %s', (host) => {
    const { wake, asked } = wakerFor(`http://${host}:11434/v1`);
    wake();
    expect(asked()).toBe(1);
  });

  test.each(['api.openai.com', '172.32.0.1', '8.8.8.8', 'localhost.example.com'])(
    'leaves %s alone',
    (host) => {
      const { wake, asked } = wakerFor(`https://${host}/v1`);
      wake();
      expect(asked()).toBe(0);
    },
  );

  test('sends one request at a time, and none while the model is loaded', async () => {
    const { wake, asked, loaded, pass } = wakerFor('http://127.0.0.1/v1');
    wake();
    wake();
    expect(asked()).toBe(1);
    await loaded();
    pass(3 * 60_000);
    wake();
    expect(asked()).toBe(1);
    pass(2 * 60_000);
    wake();
    expect(asked()).toBe(2);
  });

  test('takes any response of the service for a sign that the model is loaded', async () => {
    const { waker, wake, asked } = wakerFor('http://127.0.0.1/v1');
    await waker.timed(() => Promise.resolve());
    wake();
    expect(asked()).toBe(0);
  });

  test('learns that a server elsewhere loads its model, too', async () => {
    const { waker, profile, wake, asked, pass } = wakerFor('https://gpu.example.com/v1');
    await waker.timed(() => Promise.resolve(pass(3_000)));
    expect(profile.value).toEqual({});
    await waker.timed(() => Promise.resolve(pass(9_000)));
    expect(profile.value).toEqual({ slowStart: true });
    pass(5 * 60_000);
    wake();
    expect(asked()).toBe(1);
  });
});

describe('a service that is woken', () => {
  let server: ScriptedServer;

  afterEach(() => server.stop());

  test.each([
    [
      'chat',
      (url: string) => new ChatReplier({ chat: { baseUrl: url, model: 'm' }, instructions: '' }),
      '"max_tokens":1',
    ],
    [
      'speech',
      (url: string) => new SpeechVoice({ speech: { baseUrl: url, model: 'm', voice: 'v' } }),
      '"input":"Hello."',
    ],
    [
      'transcription',
      (url: string) =>
        new WhisperTranscriber({ transcription: { baseUrl: url, model: 'm' }, language: 'en' }),
      'RIFF',
    ],
  ])('%s gets the smallest request of its kind', async (_, create, part) => {
    let asked: (body: string) => void;
    const body = new Promise<string>((resolve) => (asked = resolve));
    server = await ScriptedServer.ruled(({ body: bytes }) => {
      asked(bytes.toString('latin1'));
      return (response) => void response.writeHead(503).end();
    });
    create(server.baseUrl).wake();
    expect(await body).toContain(part);
  });
});
