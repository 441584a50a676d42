import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newSid } from '../../src/simulator/phone/simulated-phone.ts';
import { OFFHOOK } from '../support/offhook-command.ts';
import { RawStream, Webhooks } from '../support/raw-stream.ts';
import { runOffhook } from '../support/run-offhook.ts';
import { Offhook, SIGNED } from '../support/test-server.ts';
import { unusedPort } from '../support/unused-port.ts';

const { API_TOKEN } = SIGNED;
let offhook: Offhook;
beforeAll(async () => {
  offhook = await Offhook.start({ ...SIGNED, ADMIN_PASSWORD: 'correct horse' });
});
afterAll(() => offhook.close());

const ready = async (): Promise<[number, unknown]> => {
  const response = await fetch(`${offhook.url}/ready`);
  return [response.status, await response.json()];
};
const drain = (parameters: readonly string[], env: Record<string, string> = {}) =>
  runOffhook('drain', parameters, {
    ...{ PORT: String(offhook.port), HOST: '0.0.0.0', RECORDINGS_DIRECTORY: offhook.directory },
    ...{ ADMIN_PASSWORD: 'correct horse', API_TOKEN },
    ...env,
  });

test('a server that drains refuses new calls, continues others, and ends when the last call has ended', async () => {
  const webhooks = new Webhooks(offhook);
  const [live, announced] = [newSid('CA'), newSid('CA')];
  const stream = await RawStream.open(offhook);
  stream.start(live, (await webhooks.ring(live)).token);
  stream.frames(10);
  await stream.read();
  const { token } = await webhooks.ring(announced);
  expect(await ready()).toEqual([200, { ready: true }]);

  const waiting = spawn(process.execPath, [OFFHOOK, 'drain', '--wait'], {
    env: { ...process.env, PORT: String(offhook.port), API_TOKEN, RECORDINGS_DIRECTORY: offhook.directory },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  waiting.stdout.on('data', (data: Buffer) => (printed += data.toString()));
  const exited = new Promise((resolve) => waiting.once('exit', resolve));
  await expect
    .poll(() => printed, { timeout: 60_000 })
    .toBe('No new calls are accepted. 2 calls are left.\n');
  expect(await ready()).toEqual([503, { ready: false, reason: 'draining' }]);
  expect(await offhook.health()).toMatchObject({ status: 'draining', activeCalls: 2 });
  expect((await fetch(`${offhook.url}/health`)).status).toBe(200);
  const refused = await webhooks.post('/incoming-call', { CallSid: newSid('CA') });
  expect(refused.body).toContain('Please call again in a minute');

  // The stream of a call that was accepted before still comes.
  const late = await RawStream.open(offhook);
  late.start(announced, token);
  late.frames(10);
  await late.read();
  late.stop(announced);
  stream.stop(live);
  for (const callSid of [announced, live]) await webhooks.completed(callSid);
  expect(await exited).toBe(0);
  expect(printed).toMatch(/No call is left\.\n$/u);

  const undone = await drain(['--undo']);
  expect([undone.status, undone.stdout]).toEqual([0, 'New calls are accepted again.\n']);
  expect(await ready()).toEqual([200, { ready: true }]);
  await webhooks.ring(newSid('CA'));
  const metrics = await (await fetch(`${offhook.url}/metrics`, { headers: offhook.authorization })).text();
  expect(metrics).toContain('offhook_calls_refused_total{reason="draining"} 1');
  expect(metrics).toContain('offhook_ready 1');
});

test('draining needs a login', async () => {
  for (const headers of [{}, { authorization: 'Bearer wrong' }])
    expect((await fetch(`${offhook.url}/api/drain`, { method: 'PUT', headers })).status).toBe(401);
  const headers = { ...offhook.authorization, 'content-type': 'application/json' };
  for (const body of ['{}', '{"draining":"yes"}', '{"draining":true,"more":1}'])
    expect((await fetch(`${offhook.url}/api/drain`, { method: 'PUT', headers, body })).status).toBe(400);
  expect(await (await fetch(`${offhook.url}/api/drain`, { headers })).json()).toMatchObject({
    draining: false,
  });
});

test.each([
  ['another token', { API_TOKEN: 'another' }, 'does not admit this command: set the API_TOKEN'],
  ['a port without a server', { PORT: 'unused' }, 'Is it running with these settings (PORT, HOST)?'],
])('the command says what is wrong with %s', async (_, env, sentence) => {
  const port = String(await unusedPort());
  const ran = await drain([], 'PORT' in env ? { PORT: port } : env);
  expect([ran.status, ran.stdout]).toEqual([1, '']);
  expect(ran.stderr).toContain(sentence);
});
