import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openConfiguredStore } from '../../src/app/open-configured-store.ts';
import { writeWav } from '../../src/audio/wav/wav.ts';
import { openCatalogue } from '../../src/catalogue/open-catalogue.ts';
import { runHealthChecks } from '../../src/cli/health/health-checks.ts';
import { ChatReplier } from '../../src/openai/chat/chat-replier.ts';
import { warmUp } from '../../src/openai/server/warm-up.ts';
import { WhisperTranscriber } from '../../src/openai/transcription/whisper-transcriber.ts';
import { fetchThrough } from '../../src/proxy/proxy-fetch.ts';
import { readSettings, type Settings } from '../../src/settings/settings.ts';
import { DurableFile } from '../../src/storage/durable-file.ts';
import { TwilioRestClient } from '../../src/telephony/twilio/rest-client.ts';
import { type FakeOpenAi, startFakeOpenAi } from '../doubles/fake-openai.ts';
import { startFakeTwilioRest } from '../doubles/fake-twilio-rest.ts';
import { type ProxyOptions, type ProxyServer, startProxy } from '../doubles/proxy-server.ts';
import { startedServer } from '../support/database-server.ts';
import { DYNALITE } from '../support/dynalite-server.ts';
import { BUCKET, ObjectStore } from '../support/object-store.ts';
import { ownFolder } from '../support/own-folder.ts';

const LOGIN = 'user:secret';

let disk: ReturnType<typeof ownFolder>;
let openai: FakeOpenAi;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  disk = ownFolder();
  openai = await startFakeOpenAi();
  closing.push(() => openai.close());
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  disk[Symbol.dispose]();
});

async function proxyWith(options: ProxyOptions): Promise<ProxyServer> {
  const proxy = await startProxy(options);
  closing.push(() => proxy.close());
  return proxy;
}

function settingsWith(env: Record<string, string>): Settings {
  const result = readSettings(
    { RECORDINGS_DIRECTORY: disk.path, ...env },
    { dotEnv: {}, audioConfig: {} },
    disk.path,
  );
  if (!result.ok) throw new Error(result.errors.join('\n'));
  return result.settings;
}

function askedThrough(proxy: ProxyServer, env: Record<string, string> = {}) {
  const service = 'http://llm.invalid/v1';
  return settingsWith({
    HTTP_PROXY: proxy.url,
    CHAT_BASE_URL: service,
    TRANSCRIPTION_BASE_URL: service,
    ...env,
  });
}

async function reply({ chat }: Settings): Promise<string> {
  const replier = new ChatReplier({ chat: chat!, instructions: 'Be brief.' });
  let text = '';
  for await (const piece of replier.reply(
    [{ speaker: 'caller', text: 'Hello' }],
    AbortSignal.timeout(10_000),
  ))
    if (typeof piece === 'string') text += piece;
  return text;
}

describe('a service behind a proxy', () => {
  test('is asked by the proxy, which allows tunnels to port 443 alone, warmed up first, for texts and for uploads', async () => {
    const proxy = await proxyWith({ hosts: { 'llm.invalid': openai.url } });
    const settings = askedThrough(proxy);
    await warmUp([settings.chat]);
    expect((await reply(settings)).length).toBeGreaterThan(0);
    const whisper = new WhisperTranscriber({ transcription: settings.transcription!, language: 'en' });
    const wav = writeWav(
      Int16Array.from({ length: 8_000 }, (_, at) => 12_000 * Math.sin(at / 3)),
      8_000,
    );
    await whisper.transcribe({ wav, durationMs: 1_000 }, AbortSignal.timeout(10_000));
    expect(openai.requests.map(({ service }) => service)).toContain('transcription');
    expect(new Set(proxy.requests)).toEqual(
      new Set([
        expect.stringMatching(/^GET http:\/\/llm\.invalid\/v1\/models\//),
        'POST http://llm.invalid/v1/chat/completions',
        'POST http://llm.invalid/v1/audio/transcriptions',
      ]),
    );
  });

  test('with an https address is asked for through a tunnel', async () => {
    const proxy = await proxyWith({ hosts: {} });
    await expect(fetchThrough(proxy.url)('https://llm.invalid/v1/models')).rejects.toThrow();
    expect(proxy.requests).toEqual(['CONNECT llm.invalid:443']);
  });

  test.each(['user:secret', 'user:p%23w', 'user:'])(
    'is reached with the login of the proxy: %s',
    async (login) => {
      const proxy = await proxyWith({ hosts: { 'llm.invalid': openai.url }, login });
      expect((await reply(askedThrough(proxy))).length).toBeGreaterThan(0);
    },
  );

  test('that NO_PROXY names, or that runs on this machine, is reached directly', async () => {
    const proxy = await proxyWith({ hosts: {} });
    expect((await reply(askedThrough(proxy, { CHAT_BASE_URL: openai.url }))).length).toBeGreaterThan(0);
    await expect(reply(askedThrough(proxy, { NO_PROXY: 'invalid' }))).rejects.toThrow();
    expect(proxy.requests).toEqual([]);
  });

  test('doctor names the proxy, without its password', async () => {
    const proxy = await proxyWith({ hosts: { 'llm.invalid': openai.url }, login: 'user:secret' });
    const findings = await runHealthChecks(askedThrough(proxy), []);
    const chat = findings.find(({ what }) => what === 'chat');
    expect(chat?.found).toMatch(/^llm\.invalid through the proxy 127\.0\.0\.1:\d+: /);
    expect(JSON.stringify(findings)).not.toContain('secret');
  });
});

test("Twilio's REST interface is reached through the proxy", async () => {
  const twilio = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'token' };
  const rest = await startFakeTwilioRest({ ...twilio, hangUp: () => true });
  closing.push(() => rest.close());
  const proxy = await proxyWith({ hosts: { 'twilio.invalid': rest.url }, login: LOGIN });
  const client = new TwilioRestClient({ ...twilio, apiBaseUrl: 'http://twilio.invalid', proxy: proxy.url });
  await client.hangUp(`CA${'1'.repeat(32)}`);
  expect(rest.requests).toHaveLength(1);
  expect(proxy.requests).toEqual([
    `POST http://twilio.invalid/2010-04-01/Accounts/${twilio.accountSid}/Calls/CA${'1'.repeat(32)}.json`,
  ]);
});

test('the object store is reached through the proxy', async () => {
  const folder = path.join(disk.path, 'store');
  mkdirSync(folder);
  const store = await ObjectStore.start(folder);
  closing.push(() => store.stop());
  const proxy = await proxyWith({ hosts: { '192.0.2.1': store.endpoint }, login: LOGIN });
  const opened = await openConfiguredStore(
    settingsWith({
      ...{ RECORDINGS_STORE: `s3://${BUCKET}/desk`, S3_ENDPOINT: 'http://192.0.2.1', HTTP_PROXY: proxy.url },
      ...{ S3_ACCESS_KEY_ID: 'S3RVER', S3_SECRET_ACCESS_KEY: 'S3RVER' },
    }),
  );
  const file = new DurableFile(path.join(disk.path, `probe-${randomUUID()}`), disk.path);
  file.append(Buffer.from('words'));
  await opened!.put(`${opened!.url}/probe`, file.commit(), 'text/plain', AbortSignal.timeout(10_000));
  expect(store.bytes('desk/probe')?.toString()).toBe('words');
  expect(proxy.requests.length).toBeGreaterThan(0);
  expect(proxy.requests.filter((request) => !/^[A-Z]+ http:\/\/192\.0\.2\.1\//.test(request))).toEqual([]);
  opened!.close();
});

test('DynamoDB is reached through the proxy', async () => {
  const server = await startedServer(DYNALITE);
  closing.push(() => server.end());
  const direct = new URL(await server.newDatabase());
  const hosts = { 'dynamo.invalid': direct.searchParams.get('endpoint')! };
  const proxy = await proxyWith({ hosts, login: LOGIN });
  direct.searchParams.set('endpoint', 'http://dynamo.invalid');
  direct.username = 'key';
  direct.password = 'secret';
  const catalogue = await openCatalogue(direct.href, () => proxy.url);
  await catalogue.open();
  expect(await catalogue.list({}, { limit: 1 })).toMatchObject({ items: [] });
  await catalogue.close();
  expect(new Set(proxy.requests)).toEqual(new Set(['POST http://dynamo.invalid/']));
});
