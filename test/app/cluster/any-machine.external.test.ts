import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { TwilioRequests } from '../../../src/simulator/phone/twilio-requests.ts';
import { comesTrue } from '../../support/comes-true.ts';
import { type RedisServer, startedRedis } from '../../support/redis-server.ts';
import { Offhook, SIGNED } from '../../support/test-server.ts';

const PASSWORD = 'correct horse';

/** Two machines of one telephone system. */
let redis: RedisServer;
let a: Offhook;
let b: Offhook;

beforeAll(async () => {
  redis = await startedRedis();
  const settings = { ...SIGNED, ADMIN_PASSWORD: PASSWORD, REDIS_URL: redis.url };
  [a, b] = await Promise.all([Offhook.start(settings), Offhook.start(settings)]);
});
afterAll(async () => {
  await Promise.all([a.close(), b.close()]);
  await redis.end();
});

const CALL = { CallSid: 'CA0123456789abcdef0123456789abcdef', From: '+15550100', To: '+15550199' };

test('a call whose webhook comes to one machine has its media stream at another, which knows the parties', async () => {
  const { body } = await new TwilioRequests(a.signedAddress).post('/incoming-call', CALL);
  const token = /name="token" value="([\w-]+)"/u.exec(body)?.[1];
  const toB = new TwilioRequests(b.signedAddress);
  const { url, headers } = toB.upgrade('/media-stream');
  const start = { streamSid: 'MZ1', callSid: CALL.CallSid, customParameters: { token } };
  const open = (): WebSocket => {
    const socket = new WebSocket(url, { headers });
    socket.on('open', () => socket.send(JSON.stringify({ event: 'start', streamSid: 'MZ1', start })));
    return socket;
  };
  const socket = open();
  await b.logs(/"media stream started"/u);
  const replayed = open();
  const code = await new Promise((resolve) => replayed.once('close', resolve));
  expect(code).toBe(1008);
  socket.send(JSON.stringify({ event: 'stop', streamSid: 'MZ1', stop: { callSid: CALL.CallSid } }));
  await toB.post('/call-status', { ...CALL, CallStatus: 'completed' });
  await b.finished(CALL.CallSid);
  expect(b.summary(CALL.CallSid)).toContain(`From: ${CALL.From}\nTo: ${CALL.To}`);
});

test('a login at one machine is valid at another, and a logout closes its sockets there', async () => {
  const remote = { 'x-forwarded-for': '203.0.113.9' };
  const login = await fetch(`${a.url}/login`, {
    method: 'POST',
    headers: { ...remote, 'content-type': 'application/json' },
    body: JSON.stringify({ password: PASSWORD }),
  });
  expect(login.status).toBe(204);
  const cookie = login.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
  const headers = { ...remote, cookie };
  const atB = async (): Promise<unknown> => (await fetch(`${b.url}/api/session`, { headers })).json();
  await comesTrue('the session is known', async () => ((await atB()) as { admitted: boolean }).admitted);
  const socket = new WebSocket(`${b.url.replace('http', 'ws')}/calls/live`, { headers });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  expect((await fetch(`${a.url}/logout`, { method: 'POST', headers })).status).toBe(204);
  expect(await closed).toBe(1008);
  expect(await atB()).toMatchObject({ admitted: false });
});

test('a Redis that fails is in /health until it works again', async () => {
  await redis.kill();
  await new TwilioRequests(a.signedAddress).post('/incoming-call', {
    ...CALL,
    CallSid: `CA${'1'.repeat(32)}`,
  });
  expect(await a.health()).toMatchObject({
    status: 'degraded',
    problems: expect.arrayContaining([
      'Redis: tickets of telephone streams: there is no connection',
    ]) as unknown,
  });
  await redis.start();
  await comesTrue('Redis is used again', async () => (await a.health())['status'] === 'ok');
});

test('a machine starts without Redis, serves alone, and shares its logins when Redis is there', async () => {
  const late = await startedRedis();
  await late.kill();
  const settings = { ...SIGNED, ADMIN_PASSWORD: PASSWORD, REDIS_URL: late.url };
  const first = await Offhook.start(settings);
  const open = [first];
  try {
    const login = await fetch(`${first.url}/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ password: PASSWORD }),
    });
    expect(login.status).toBe(204);
    const cookie = login.headers
      .getSetCookie()
      .map((each) => each.split(';')[0])
      .join('; ');
    expect(await first.health()).toMatchObject({
      status: 'degraded',
      problems: expect.arrayContaining([expect.stringMatching(/^Redis: sessions: /u)]) as unknown,
    });
    await late.start();
    await comesTrue('Redis is used', async () => (await first.health())['status'] === 'ok');
    const second = await Offhook.start(settings);
    open.push(second);
    await comesTrue('the login is known', async () => {
      const session = await fetch(`${second.url}/api/session`, { headers: { cookie } });
      return ((await session.json()) as { admitted: boolean }).admitted;
    });
  } finally {
    await Promise.all(open.map((each) => each.close()));
    await late.end();
  }
});
