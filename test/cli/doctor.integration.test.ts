import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Finding } from '../../src/cli/health/finding.ts';
import { runHealthChecks } from '../../src/cli/health/health-checks.ts';
import { readSettings } from '../../src/settings/settings.ts';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import { writeWav } from '../../src/audio/wav/wav.ts';
import { SPEECH_HZ, tone } from '../doubles/compatible-server.ts';
import { BUCKET, ObjectStore } from '../support/object-store.ts';
import { ownFolder } from '../support/own-folder.ts';
import { WebSocketServer } from 'ws';
import { fakeNumber } from '../doubles/fake-twilio-numbers.ts';

const NOBODY = 'http://127.0.0.1:2';
const ACCOUNT = 'AC0123456789abcdef0123456789abcdef';
const TWO_MINUTES_MS = 120_000;

let disk: ReturnType<typeof ownFolder>;
let server: Server;
let url: string;
/** What the server beside us answers with. */
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  disk = ownFolder();
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  disk[Symbol.dispose]();
});

async function findings(env: Record<string, string>): Promise<Record<string, Finding>> {
  const files = { dotEnv: {}, audioConfig: {} };
  const result = readSettings({ RECORDINGS_DIRECTORY: disk.path, ...env }, files, disk.path);
  if (!result.ok) throw new Error(result.errors.join('\n'));
  const found = await runHealthChecks(result.settings, result.warnings);
  return Object.fromEntries(found.map((finding) => [finding.what, finding]));
}

const verdicts = (found: Record<string, Finding>): Record<string, string> =>
  Object.fromEntries(Object.values(found).map(({ what, verdict }) => [what, verdict]));

const json = (response: ServerResponse, body: unknown, status = 200, date?: Date): void => {
  const headers = { 'content-type': 'application/json', ...(date && { date: date.toUTCString() }) };
  response.writeHead(status, headers).end(JSON.stringify(body));
};

const EVERYTHING = (store: ObjectStore): Record<string, string> => ({
  ...{ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: `${url}/v1`, CHAT_MODEL: 'chatty' },
  ...{ TRANSCRIPTION_MODEL: 'listening', SPEECH_MODEL: 'speaking' },
  ...{ TWILIO_ACCOUNT_SID: ACCOUNT, TWILIO_AUTH_TOKEN: 'token', TWILIO_API_BASE_URL: url, PUBLIC_URL: url },
  ...{ ADMIN_PASSWORD: 'a password of some length' },
  ...{ RECORDINGS_STORE: `s3://${BUCKET}/desk`, S3_ENDPOINT: store.endpoint },
  ...{ S3_ACCESS_KEY_ID: 'S3RVER', S3_SECRET_ACCESS_KEY: 'S3RVER' },
});

function ourNumber(): object {
  return fakeNumber('+493012345', {
    voice_url: `${url}/incoming-call`,
    status_callback: `${url}/call-status`,
  });
}

test('a working installation has only ok lines, and no files remain', async () => {
  const store = await ObjectStore.start(path.join(disk.path));
  answer = ({ url: asked = '' }, response) => {
    if (asked.endsWith('/models'))
      json(response, { data: ['chatty', 'listening', 'speaking'].map((id) => ({ id })) });
    else if (asked === '/health') json(response, { status: 'ok' });
    else if (asked.endsWith('/completions')) json(response, { choices: [{ message: { content: 'Yes.' } }] });
    else if (asked.endsWith('/speech')) response.end(writeWav(tone(), SPEECH_HZ));
    else if (asked.endsWith('/transcriptions'))
      json(response, { text: 'Thank you for calling. How can I help?' });
    else if (asked.includes('/IncomingPhoneNumbers'))
      json(response, { incoming_phone_numbers: [ourNumber()] });
    else json(response, { sid: ACCOUNT, status: 'active' }, asked.includes(ACCOUNT) ? 200 : 404);
  };
  const sockets = new WebSocketServer({ server });
  new DataDirectory(disk.path);
  const found = await findings(EVERYTHING(store));
  const { settings: _, ...rest } = verdicts(found);
  expect(new Set(Object.values(rest))).toEqual(new Set(['ok']));
  expect(Object.keys(rest).sort()).toEqual(
    [
      ...['password', 'audio processing', 'microphone recordings', 'models', 'webhook', 'WebSocket'],
      ...['chat', 'clock', 'database', 'disk space', 'disk speed', 'file systems', 'object store'],
      ...['file permissions', 'installation', 'public address', 'speech', 'telephony', 'transcription'],
    ].sort(),
  );
  expect(found['clock']?.found).toMatch(/^0\.\d s off$/);
  sockets.close();
  expect(store.keys('desk')).toEqual([]);
  expect(readdirSync(path.join(disk.path, '.offhook', 'aside'))).toEqual([]);
  await store.stop();
});

test('each failure names its remedy', async () => {
  const wrong = new Date(Date.now() - TWO_MINUTES_MS);
  answer = ({ url: asked = '' }, response) =>
    json(response, { message: 'no' }, asked === '/health' ? 502 : 401, wrong);
  const store = await ObjectStore.start(path.join(disk.path));
  const env = {
    ...EVERYTHING(store),
    SPEECH_BASE_URL: NOBODY,
    DATABASE_URL: 'postgres://x@127.0.0.1:1/none',
  };
  await store.goDown();
  const found = await findings(env);
  expect(verdicts(found)).toMatchObject({
    ...{ transcription: 'fail', chat: 'fail', speech: 'fail', telephony: 'fail', database: 'fail' },
    ...{ 'object store': 'fail', 'public address': 'fail', clock: 'fail', 'disk space': 'ok' },
  });
  expect(found['chat']?.found).toContain('rejects the key');
  expect(found['clock']?.found).toMatch(/^1(19|20|21)\.\d s off$/);
  for (const finding of Object.values(found))
    if (finding.verdict === 'fail') expect(finding.todo).toBeTruthy();
  expect(JSON.stringify(found)).not.toMatch(/"token|S3RVER/);
  await store.stop();
});

test.each(['none', 'none/below/it', ''])(
  'a missing installation is reported and nothing is created: "%s"',
  async (name) => {
    const RECORDINGS_DIRECTORY = path.join(disk.path, name);
    const found = await findings({ RECORDINGS_DIRECTORY });
    expect(found['installation']?.verdict).toBe('warn');
    expect(found['installation']?.found).toContain(
      `not created yet in ${path.resolve(RECORDINGS_DIRECTORY)}`,
    );
    expect(found['disk space']).toMatchObject({ verdict: 'ok' });
    expect(found['database']).toMatchObject({ verdict: 'ok' });
    expect(readdirSync(disk.path)).toEqual([]);
  },
);

test('a directory that cannot be created fails at once', async () => {
  const file = path.join(disk.path, 'file');
  writeFileSync(file, '');
  const below = path.join(file, 'responses');
  const found = await findings({ RECORDINGS_DIRECTORY: below, MICROPHONE_DIRECTORY: below });
  expect(found['disk']).toMatchObject({ verdict: 'fail', found: `${file} is not a directory` });
  expect(found['microphone recordings']).toMatchObject({
    ...{ verdict: 'fail', found: `${file} is not a directory` },
    todo: expect.stringContaining('MICROPHONE_DIRECTORY') as string,
  });
});

test('the directory of microphone recordings is tried, and nothing stays in it', async () => {
  const existing = path.join(disk.path, 'recordings');
  mkdirSync(existing);
  const found = await findings({ MICROPHONE_DIRECTORY: existing });
  expect(found['microphone recordings']).toMatchObject({
    verdict: 'ok',
    found: `can be saved in ${existing}`,
  });
  expect(readdirSync(existing)).toEqual([]);
  const unwritable = await findings({ MICROPHONE_DIRECTORY: '/proc/sys' });
  expect(unwritable['microphone recordings']).toMatchObject({ verdict: 'fail' });
});

test('what was not checked is not called ok', async () => {
  const found = await findings({});
  for (const what of ['webhook', 'WebSocket', 'public address', 'object store', 'models', 'clock'])
    expect(found[what]?.verdict).toBe('not checked');
  for (const finding of Object.values(found)) expect(finding.found).not.toMatch(/not checked|not compared/u);
});

test.each(['mp3', 'wav', 'ogg', 'flac'])('a second of sound is encoded as %s and decoded', async (format) => {
  const found = await findings({ DEFAULT_AUDIO_FORMAT: format });
  expect(found['audio processing']).toMatchObject({ verdict: 'ok' });
  expect(found['audio processing']?.found).toContain(`as ${format} at 16000 Hz`);
});

test.each([
  [{}, 'ok', 'only requests from this machine'],
  [{ PUBLIC_URL: 'https://phone.invalid' }, 'warn', 'not set'],
  [{ ADMIN_PASSWORD: 'secret' }, 'warn', 'only 6 characters'],
  [{ ADMIN_PASSWORD: 'four words of good length' }, 'ok', '25 characters'],
])('the password of %o is %s', async (env, verdict, words) => {
  const found = await findings(env);
  expect(found['password']).toMatchObject({ verdict, found: expect.stringContaining(words) as string });
  expect(JSON.stringify(found)).not.toContain('four words');
});

test('a missing configuration is a warning that names the setting', async () => {
  const found = await findings({});
  expect(found['transcription']).toMatchObject({ verdict: 'warn' });
  expect(found['transcription']?.todo).toContain('TRANSCRIPTION_BASE_URL');
  expect(found['telephony']?.todo).toContain('PUBLIC_URL');
  expect(Object.values(verdicts(found))).not.toContain('fail');
});

test('an object store that lacks checksums or uploads in parts is described', async () => {
  const store = await ObjectStore.start(path.join(disk.path));
  const inStore = async () => (await findings(EVERYTHING(store)))['object store'];
  answer = (_, response) => json(response, {});
  // Alos-no/Cloudflare.NET PR 43: what R2 answers
  store.proxy.harm = ({ part, headers }) =>
    (headers['x-amz-checksum-algorithm'] ??
    (part === undefined ? undefined : headers['x-amz-checksum-sha256']))
      ? { status: 501, body: '<Error><Code>NotImplemented</Code></Error>' }
      : undefined;
  expect(await inStore()).toMatchObject({
    verdict: 'ok',
    found: expect.stringMatching(
      /no checksums of parts \(HTTP 501 NotImplemented\): each copy is verified by reading/u,
    ) as string,
  });
  store.proxy.harm = ({ url: asked }) =>
    /[?&]uploads/u.test(asked)
      ? { status: 501, body: '<Error><Code>NotImplemented</Code><Message>No parts here</Message></Error>' }
      : undefined;
  expect(await inStore()).toMatchObject({
    verdict: 'fail',
    found: expect.stringMatching(
      /refuses files in parts: HTTP 501 NotImplemented: No parts here$/u,
    ) as string,
    todo: expect.stringContaining('8 MiB') as string,
  });
  store.proxy.harm = () => ({ status: 400 });
  const refused = await inStore();
  expect(refused).toMatchObject({ verdict: 'fail', found: 'HTTP 400' });
  expect(store.keys('desk')).toEqual([]);
  await store.stop();
});
