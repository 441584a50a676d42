import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeWav } from '../../src/audio/wav/wav.ts';
import type { Finding } from '../../src/cli/health/finding.ts';
import { runHealthChecks } from '../../src/cli/health/health-checks.ts';
import { readSettings } from '../../src/settings/settings.ts';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import {
  chunk,
  type CompatibleBehaviour,
  CompatibleServer,
  events,
  json,
  REPLY,
  SPEECH_HZ,
  spoken,
  tone,
} from '../doubles/compatible-server.ts';
import { type FakeSmartTurn, startFakeSmartTurn } from '../doubles/fake-smart-turn.ts';
import { buzz, RealtimeServer, type RealtimeServerOptions } from '../doubles/realtime/realtime-server.ts';
import type { TranscribedItem } from '../doubles/realtime/transcribed-item.ts';
import { ownFolder } from '../support/own-folder.ts';

const NO_FILES = { dotEnv: {}, audioConfig: {} };
let disk: ReturnType<typeof ownFolder>;
let server: CompatibleServer;

beforeEach(async () => {
  disk = ownFolder();
  server = await CompatibleServer.start();
});

afterEach(async () => {
  await server.stop();
  disk[Symbol.dispose]();
});

async function findings(behaviour: CompatibleBehaviour): Promise<Record<string, Finding>> {
  server.behaviour = behaviour;
  const env = {
    RECORDINGS_DIRECTORY: disk.path,
    CHAT_BASE_URL: server.baseUrl,
    SPEECH_BASE_URL: server.baseUrl,
    TRANSCRIPTION_BASE_URL: server.baseUrl,
    CHAT_REASONING_EFFORT: 'low',
  };
  const result = readSettings(env, NO_FILES, disk.path);
  if (!result.ok) throw new Error(result.errors.join('\n'));
  const found = await runHealthChecks(result.settings, [], disk.path);
  return Object.fromEntries(found.map((finding) => [finding.what, finding]));
}

const raw = (samples: Int16Array): Buffer => Buffer.from(samples.buffer);
const wav = writeWav(tone(), SPEECH_HZ);
const alternates = (roles: readonly string[]): boolean =>
  roles.every((role, n) => role === (n % 2 === 0 ? 'user' : 'assistant'));

test('a server that behaves as OpenAI’s gets ok lines with what was heard, written and understood', async () => {
  const found = await findings({});
  expect(found['chat']).toMatchObject({ verdict: 'ok' });
  expect(found['chat']?.found).toMatch(/^127\.0\.0\.1:\d+: replies with 5 words in \d+ ms$/u);
  expect(found['speech']?.found).toMatch(/: speaks 57 characters for 3\.0 s in \d+ ms$/u);
  expect(found['transcription']?.found).toMatch(/: understands 9 of 9 recorded words in \d+ ms$/u);
});

describe('the chat line says of a server that', () => {
  test.each<[string, CompatibleBehaviour['chat'] & object]>([
    [
      'accepts no system role',
      ({ messages }) =>
        messages.some(({ role }) => role === 'system')
          ? json({ error: { message: 'System role not supported' } }, 400)
          : spoken(),
    ],
    [
      'refuses reasoning_effort',
      (body) =>
        'reasoning_effort' in body
          ? json({ error: { message: 'Unknown field', param: 'reasoning_effort' } }, 400)
          : spoken(),
    ],
    [
      'sends JSON instead of an event stream',
      () => json({ choices: [{ message: { content: REPLY }, finish_reason: 'stop' }] }),
    ],
    [
      'sends thoughts, tool calls, template tokens or names of speakers within the text',
      () => spoken(`<think>Hm.</think>${REPLY}`),
    ],
    ['begins its replies with thoughts', () => spoken(`Hm. </think>${REPLY}`)],
    [
      'reports errors as `detail`',
      ({ stream }) =>
        stream
          ? json({ detail: 'stream is not supported' }, 422)
          : json({ choices: [{ message: { content: REPLY } }] }),
    ],
    ['sends damaged JSON', () => events('{"choices":[{', chunk({ content: REPLY }))],
  ])('%s', async (phrase, chat) => {
    const { chat: finding } = await findings({ chat });
    expect(finding).toMatchObject({ verdict: 'ok' });
    expect(finding?.found).toContain(phrase);
  });

  test.each<[string, CompatibleBehaviour['chat'] & object]>([
    ['the response has no words (finish reason: content_filter)', () => events(chunk({}, 'content_filter'))],
    [
      'an HTML page: You are about to visit',
      () => ({ type: 'text/html', body: '<html><title>You are about to visit</title></html>' }),
    ],
    ["answers 404: model 'x' not found", () => json({ error: "model 'x' not found" }, 404)],
    ['No endpoints found', () => json({ error: { message: 'No endpoints found', code: 404 } })],
    ['answers 500: Service Unavailable', () => ({ status: 500, body: 'Service Unavailable' })],
  ])('fails: %s', async (phrase, chat) => {
    const { chat: finding } = await findings({ chat });
    expect(finding).toMatchObject({ verdict: 'fail', todo: 'check CHAT_MODEL and CHAT_BASE_URL' });
    expect(finding?.found).toContain(phrase);
  });

  test('accepts only alternating roles', async () => {
    const strict: CompatibleBehaviour['chat'] = ({ messages }) => {
      const roles = messages.map(({ role }) => role);
      const [first, ...rest] = roles;
      return alternates(first === 'system' ? rest : roles)
        ? spoken()
        : json({ error: { message: 'roles must alternate' } }, 400);
    };
    expect((await findings({ chat: strict }))['chat']).toMatchObject({ verdict: 'ok' });
  });
});

describe('the speech line says of a server that', () => {
  test.each<[string, CompatibleBehaviour['speech'] & object]>([
    [
      'refuses the audio formats wav; sends pcm',
      ({ response_format: format }) =>
        format === 'pcm'
          ? { type: 'audio/pcm', body: raw(tone()) }
          : json({ error: { message: 'response_format must be pcm' } }, 400),
    ],
    ['sends samples when asked for wav', () => ({ type: 'audio/wav', body: raw(tone()) })],
    [
      'reports errors as `detail`',
      ({ response_format: format }) =>
        format === 'wav'
          ? json({ detail: [{ loc: ['body', 'response_format'], msg: 'unexpected value' }] }, 422)
          : { type: 'audio/pcm', body: raw(tone()) },
    ],
  ])('%s', async (phrase, speech) => {
    const { speech: finding } = await findings({ speech });
    expect(finding?.found).toContain(phrase);
    expect(finding?.verdict).toBe('ok');
  });

  test('speaks impossibly fast', async () => {
    const { speech } = await findings({
      speech: () => ({ type: 'audio/pcm', body: raw(tone(SPEECH_HZ, 0.3)) }),
    });
    expect(speech).toMatchObject({
      verdict: 'warn',
      todo: expect.stringContaining('SPEECH_SAMPLE_RATE') as string,
    });
  });

  test.each<[string, CompatibleBehaviour['speech'] & object]>([
    ['the response is empty', () => ({ type: 'audio/wav', body: '' })],
    [
      "answers 400: voice 'alloy' not found",
      () => json({ error: { message: "voice 'alloy' not found" } }, 400),
    ],
    [
      'MP4 is not decoded',
      () => ({
        type: 'audio/mp4',
        body: Buffer.concat([Buffer.from('\0\0\0\x20ftypM4A ', 'latin1'), Buffer.alloc(60)]),
      }),
    ],
  ])('fails: %s', async (phrase, speech) => {
    const { speech: finding } = await findings({ speech });
    expect(finding?.verdict).toBe('fail');
    expect(finding?.found).toContain(phrase);
  });
});

describe('the transcription line says of a server that', () => {
  const text = 'Thank you for calling. How can I help you?';
  test.each<[string, CompatibleBehaviour['transcription'] & object]>([
    [
      'refuses language=en',
      ({ language }) =>
        language === undefined ? json({ text }) : json({ detail: "'en' is not a valid language code" }, 500),
    ],
    ['labels texts as text/plain', () => ({ type: 'text/plain', body: text })],
    ['sends texts without a content type', () => ({ body: JSON.stringify({ text }) })],
  ])('%s', async (phrase, transcription) => {
    const { transcription: finding } = await findings({ transcription });
    expect(finding?.found).toContain(phrase);
    expect(finding?.verdict).toBe('ok');
  });

  test('understands little', async () => {
    const { transcription } = await findings({ transcription: () => json({ text: 'Thanks for watching!' }) });
    expect(transcription).toMatchObject({ verdict: 'warn' });
    expect(transcription?.found).toContain('understands 1 of 9 recorded words');
  });

  test.each<[string, CompatibleBehaviour['transcription'] & object]>([
    [
      'answers 404: Model is not installed locally',
      () => json({ detail: 'Model is not installed locally' }, 404),
    ],
    [
      'an HTML page: Just a moment...',
      () => ({ type: 'text/html', body: '<!doctype html><title>Just a moment...</title>' }),
    ],
    ['failed to read audio data', () => json({ error: 'failed to read audio data' })],
  ])('fails: %s', async (phrase, transcription) => {
    const { transcription: finding } = await findings({ transcription });
    expect(finding?.verdict).toBe('fail');
    expect(finding?.found).toContain(phrase);
  });
});

test('what was learned is kept in an installation, and none is created for it', async () => {
  const chat: CompatibleBehaviour['chat'] = (body) =>
    'reasoning_effort' in body ? json({ error: { param: 'reasoning_effort' } }, 400) : spoken();
  const file = DataDirectory.serverProfiles(disk.path);
  await findings({ chat });
  expect(existsSync(path.dirname(file))).toBe(false);
  new DataDirectory(disk.path);
  await findings({ chat });
  expect(readFileSync(file, 'utf8')).toContain('reasoning_effort');
  const before = server.asked.length;
  await findings({ chat, models: ['gpt-6-luna'] });
  expect(server.asked.slice(before).filter(({ route }) => route === 'chat/completions')).toHaveLength(1);
});

test('a working WAV file as speech needs no second request', async () => {
  await findings({ speech: () => ({ type: 'audio/wav', body: wav }) });
  expect(server.asked.filter(({ route }) => route === 'audio/speech')).toHaveLength(1);
});

describe('the line of streaming transcription', () => {
  let realtime: RealtimeServer;

  afterEach(() => realtime.close());

  async function streamingLine(
    options: RealtimeServerOptions,
    engine = 'realtime',
  ): Promise<Finding | undefined> {
    realtime = await RealtimeServer.start({ apiKey: 'k', ...options });
    server.behaviour = {};
    const env = {
      RECORDINGS_DIRECTORY: disk.path,
      TRANSCRIPTION_BASE_URL: server.baseUrl,
      REALTIME_BASE_URL: realtime.baseUrl.replace('http', 'ws'),
      REALTIME_API_KEY: 'k',
      TRANSCRIPTION_ENGINE: engine,
      SPEECH_ENGINE: 'http',
    };
    const result = readSettings(env, NO_FILES, disk.path);
    if (!result.ok) throw new Error(result.errors.join('\n'));
    const found = await runHealthChecks(result.settings, [], disk.path);
    return found.find(({ what }) => what === 'streaming transcription');
  }

  test('says what was understood of a real request', async () => {
    const transcribe = (item: TranscribedItem): void =>
      item.transcribe('Thank you for calling. How can I help you?');
    const line = await streamingLine({ transcribe });
    expect(line).toMatchObject({ verdict: 'ok' });
    expect(line?.found).toMatch(
      /^127\.0\.0\.1:\d+ over Realtime \(TRANSCRIPTION_ENGINE=realtime\): understands 9 of 9 recorded words in \d+ ms$/u,
    );
    await realtime.until(() => realtime.connections === 0);
  });

  test('says what to check if little is understood, or the server refuses', async () => {
    expect(await streamingLine({ transcribe: (item) => item.transcribe('Sure.') })).toMatchObject({
      verdict: 'warn',
      todo: 'set REALTIME_TRANSCRIPTION_MODEL to one that understands English telephone speech',
    });
    await realtime.close();
    expect(await streamingLine({ refuse: 404 })).toMatchObject({
      verdict: 'fail',
      found: expect.stringContaining('answers 404: no session for you') as string,
      todo: expect.stringContaining('check REALTIME_TRANSCRIPTION_MODEL and REALTIME_BASE_URL') as string,
    });
  });

  test('is absent with the engine whisper', async () => {
    expect(await streamingLine({}, 'whisper')).toBeUndefined();
    expect(realtime.handshakes).toEqual([]);
  });
});

describe('the speech line of a Realtime voice', () => {
  let realtime: RealtimeServer;

  afterEach(() => realtime.close());

  async function speechLine(options: RealtimeServerOptions): Promise<Finding | undefined> {
    realtime = await RealtimeServer.start(options);
    const env = {
      RECORDINGS_DIRECTORY: disk.path,
      REALTIME_BASE_URL: realtime.baseUrl.replace('http', 'ws'),
      REALTIME_API_KEY: 'k',
      REALTIME_MODEL: 'm',
      ASSISTANT: 'pipeline',
    };
    const result = readSettings(env, NO_FILES, disk.path);
    if (!result.ok) throw new Error(result.errors.join('\n'));
    const found = await runHealthChecks(result.settings, [], disk.path);
    return found.find(({ what }) => what === 'speech');
  }

  test('names the engine, why it was chosen, and how long the sentence was', async () => {
    const line = await speechLine({ apiKey: 'k' });
    expect(line).toMatchObject({ verdict: 'ok' });
    expect(line?.found).toMatch(
      /^127\.0\.0\.1:\d+ over Realtime \(REALTIME_BASE_URL is set, SPEECH_BASE_URL is not\): speaks 57 characters for 2\.3 s in \d+ ms$/u,
    );
  });

  test('quotes the words where they differ', async () => {
    const line = await speechLine({ respond: (response) => response.speak(buzz(response.text), 'Sure!') });
    expect(line?.found).toContain('in other words: “Sure!”');
  });

  test('says what to check if the server refuses', async () => {
    const line = await speechLine({ refuse: 404 });
    expect(line).toMatchObject({
      verdict: 'fail',
      found: expect.stringContaining('answers 404: no session for you') as string,
      todo: 'check REALTIME_MODEL, REALTIME_VOICE and REALTIME_BASE_URL',
    });
  });
});

describe('the line of the end-of-turn model', () => {
  let model: FakeSmartTurn;

  beforeEach(async () => (model = await startFakeSmartTurn()));
  afterEach(() => model.close());

  async function lineOf(env: Record<string, string>): Promise<Finding | undefined> {
    const result = readSettings({ RECORDINGS_DIRECTORY: disk.path, ...env }, NO_FILES, disk.path);
    if (!result.ok) throw new Error(result.errors.join('\n'));
    const found = await runHealthChecks(result.settings, [], disk.path);
    return found.find(({ what }) => what === 'end of turns');
  }

  test('says what the model makes of a recorded sentence', async () => {
    const line = await lineOf({ END_OF_TURN_URL: model.url, END_OF_TURN_API_KEY: 'k' });
    expect(line).toMatchObject({ verdict: 'ok' });
    expect(line?.found).toMatch(
      /^127\.0\.0\.1:\d+: takes a recorded sentence for finished with 90 % in \d+ ms$/u,
    );
    expect(model.requests.map(({ authorization }) => authorization)).toEqual(['Bearer k']);
    expect(await lineOf({})).toBeUndefined();
  });

  test('says what to check if the server refuses', async () => {
    model.answer = { status: 404, body: 'no such route' };
    expect(await lineOf({ END_OF_TURN_URL: model.url })).toMatchObject({
      verdict: 'fail',
      found: expect.stringContaining('answers 404: no such route') as string,
      todo: expect.stringContaining('check END_OF_TURN_URL') as string,
    });
  });
});

describe('the speech-to-speech line', () => {
  let realtime: RealtimeServer;

  afterEach(() => realtime.close());

  async function lineOf(options: RealtimeServerOptions, more = {}): Promise<Finding | undefined> {
    realtime = await RealtimeServer.start(options);
    const env = {
      RECORDINGS_DIRECTORY: disk.path,
      REALTIME_BASE_URL: realtime.baseUrl.replace('http', 'ws'),
      REALTIME_API_KEY: 'k',
      REALTIME_MODEL: 'm',
      ...more,
    };
    const result = readSettings(env, NO_FILES, disk.path);
    if (!result.ok) throw new Error(result.errors.join('\n'));
    const found = await runHealthChecks(result.settings, [], disk.path);
    return found.find(({ what }) => what === 'speech-to-speech');
  }

  test('names the model, why it replies, and what it said to a caller', async () => {
    const text = 'Yes, I can hear you.';
    const line = await lineOf({ apiKey: 'k', reply: (response) => response.converse(buzz(text), text) });
    expect(line).toMatchObject({ verdict: 'ok' });
    expect(line?.found).toMatch(
      /^m at 127\.0\.0\.1:\d+ \(REALTIME_BASE_URL is set\): replies with 5 words, spoken for 0\.8 s in \d+ ms; offhook decides where turns end$/u,
    );
  });

  test.each<[string, RealtimeServerOptions, string, string]>([
    ['the server', {}, 'ok', 'the server decides where turns end'],
    ['offhook', { vad: { statesNull: true } }, 'warn', 'offhook decides where turns end'],
  ])('says that %s decides where turns end', async (_, options, verdict, found) => {
    const line = await lineOf(options, { REALTIME_TURNS: 'server' });
    expect(line).toMatchObject({ verdict, found: expect.stringContaining(found) as string });
    expect(line!.todo ?? '').toContain(verdict === 'ok' ? '' : 'set REALTIME_TURNS=own');
  });

  test('says what to check if the server refuses', async () => {
    expect(await lineOf({ refuse: 404 })).toMatchObject({
      verdict: 'fail',
      found: expect.stringContaining('answers 404: no session for you') as string,
      todo: expect.stringContaining('check REALTIME_MODEL, REALTIME_VOICE and REALTIME_BASE_URL') as string,
    });
  });

  test('is absent if the pipeline replies', async () => {
    expect(await lineOf({}, { ASSISTANT: 'pipeline', SPEECH_ENGINE: 'http' })).toBeUndefined();
  });
});
