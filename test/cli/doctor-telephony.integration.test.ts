import { createServer, request as send, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Finding } from '../../src/cli/health/finding.ts';
import { checkPublicAddress } from '../../src/cli/health/public-address-check.ts';
import { checkTelephony } from '../../src/cli/health/twilio-checks.ts';
import { readSettings, type Settings } from '../../src/settings/settings.ts';
import { type FakeNumber, fakeNumber } from '../doubles/fake-twilio-numbers.ts';
import { type FakeTwilioRest, startFakeTwilioRest } from '../doubles/fake-twilio-rest.ts';
import { Offhook, TWILIO } from '../support/test-server.ts';
import { unusedPort } from '../support/unused-port.ts';

const PUBLIC = 'https://phone.example.test/offhook';
const OURS = {
  voice_url: `${PUBLIC}/incoming-call`,
  status_callback: `${PUBLIC}/call-status`,
} as const;

function settingsFrom(env: Record<string, string>): Settings {
  const result = readSettings(env, { dotEnv: {}, audioConfig: {} }, '/srv');
  if (!result.ok) throw new Error(result.errors.join('\n'));
  return result.settings;
}

const byName = (found: readonly Finding[]): Record<string, Finding> =>
  Object.fromEntries(found.map((finding) => [finding.what, finding]));

describe('the webhook at Twilio', () => {
  let rest: FakeTwilioRest | undefined;
  afterEach(() => rest?.close());

  async function webhookOf(
    numbers: readonly FakeNumber[],
    env: Record<string, string> = {},
  ): Promise<Finding> {
    rest = await startFakeTwilioRest({ ...TWILIO, numbers });
    const { accountSid, authToken } = TWILIO;
    const settings = settingsFrom({
      TWILIO_ACCOUNT_SID: accountSid,
      TWILIO_AUTH_TOKEN: authToken,
      TWILIO_API_BASE_URL: rest.url,
      PUBLIC_URL: PUBLIC,
      ...env,
    });
    return byName(await checkTelephony(settings))['webhook']!;
  }

  test('is ok if a number leads here and reports the end of calls', async () => {
    const numbers = [fakeNumber('+4930111'), fakeNumber('+4930222', OURS)];
    expect(await webhookOf(numbers)).toMatchObject({ verdict: 'ok', found: '+4930222 leads here' });
  });

  test('is compared as an address, not letter by letter', async () => {
    const number = fakeNumber('+4930222', {
      ...OURS,
      voice_url: 'https://PHONE.example.test:443/offhook/incoming-call/',
    });
    expect(await webhookOf([number])).toMatchObject({ verdict: 'ok' });
  });

  test('fails if no number leads here, and shows where each leads', async () => {
    const numbers = [fakeNumber('+4930111'), fakeNumber('+4930222', { voice_url: null })];
    expect(await webhookOf(numbers)).toMatchObject({
      verdict: 'fail',
      found: `no number leads to ${PUBLIC}/incoming-call: +4930111 leads to https://demo.twilio.com/welcome/voice/; +4930222 leads to nothing`,
      todo: expect.stringContaining('offhook setup') as string,
    });
  });

  test.each([
    [{ trunk_sid: `TK${'0'.repeat(32)}` }, 'a SIP trunk'],
    [{ voice_application_sid: `AP${'0'.repeat(32)}` }, 'a TwiML application'],
  ])('fails if Twilio ignores the addresses: %o', async (over, by) => {
    expect(await webhookOf([fakeNumber('+4930222', { ...OURS, ...over })])).toMatchObject({
      verdict: 'fail',
      found: `+4930222 is routed to ${by}`,
    });
  });

  test('is a warning without a status callback, or without a number', async () => {
    const silent = await webhookOf([fakeNumber('+4930222', { ...OURS, status_callback: '' })]);
    expect(silent).toMatchObject({
      verdict: 'warn',
      todo: expect.stringContaining('/call-status') as string,
    });
    await rest?.close();
    expect(await webhookOf([])).toMatchObject({ verdict: 'warn', found: 'the account has no number' });
  });
});

describe('the WebSocket through PUBLIC_URL', () => {
  let offhook: Offhook;
  let settings: Settings;

  beforeEach(async () => {
    const port = await unusedPort();
    const env = { PUBLIC_URL: `http://127.0.0.1:${port}`, TWILIO_AUTH_TOKEN: TWILIO.authToken };
    offhook = await Offhook.start(env, { port });
    settings = settingsFrom(env);
  });
  afterEach(() => offhook.close());

  test('opens with a signature, and begins no call', async () => {
    const found = byName(await checkPublicAddress(settings));
    expect(found['WebSocket']).toMatchObject({ verdict: 'ok' });
    expect(found['public address']).toMatchObject({ verdict: 'ok' });
    expect(offhook.logged.filter((line) => line.includes('callSid'))).toEqual([]);
  });

  test('fails with another token, with the status', async () => {
    const other = settingsFrom({ PUBLIC_URL: settings.publicUrl!.href, TWILIO_AUTH_TOKEN: 'f'.repeat(32) });
    expect(byName(await checkPublicAddress(other))['WebSocket']).toMatchObject({
      verdict: 'fail',
      found: 'the WebSocket is answered with 403',
      todo: expect.stringContaining('TWILIO_AUTH_TOKEN') as string,
    });
  });

  test('fails behind a proxy that does not pass upgrades, as nginx without its two lines', async () => {
    const proxy = await startPlainProxy(offhook.port);
    const { port } = proxy.address() as AddressInfo;
    const through = settingsFrom({
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      TWILIO_AUTH_TOKEN: TWILIO.authToken,
    });
    const found = byName(await checkPublicAddress(through));
    expect(found['public address']).toMatchObject({ verdict: 'ok' });
    expect(found['WebSocket']).toMatchObject({
      verdict: 'fail',
      found: expect.stringMatching(/^the WebSocket is answered with 4\d\d$/u) as string,
      todo: expect.stringContaining('nginx') as string,
    });
    proxy.close();
  });
});

/** HTTP/1.0 to the server behind it, without upgrades: nginx's defaults. */
async function startPlainProxy(port: number): Promise<Server> {
  const server = createServer(({ method, url, headers }, answer) => {
    const { upgrade: _upgrade, connection: _connection, ...passed } = headers;
    const outgoing = send({ host: '127.0.0.1', port, method, path: url, headers: passed }, (response) => {
      answer.writeHead(response.statusCode!, response.headers);
      response.pipe(answer);
    });
    outgoing.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
