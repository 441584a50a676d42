import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { requiredProgram } from '../../scripts/tier-tools.ts';
import { comesTrue } from '../support/comes-true.ts';
import { OFFHOOK } from '../support/offhook-command.ts';
import { ownFolder } from '../support/own-folder.ts';
import { type RedisServer, startedRedis } from '../support/redis-server.ts';
import { unusedPort } from '../support/unused-port.ts';

const CADDYFILE = path.resolve(import.meta.dirname, '../../deploy/Caddyfile');
const API_TOKEN = 'token-of-this-test-alone-0123456789';
const HEADERS = { Authorization: `Bearer ${API_TOKEN}`, 'Content-Type': 'application/json' };
const MACHINES = 3;

const folder = ownFolder();
const children: ChildProcess[] = [];
const machines: { readonly url: string; readonly child: ChildProcess }[] = [];
let redis: RedisServer;
let proxy: string;

function started(
  program: string,
  parameters: readonly string[],
  env: Readonly<Record<string, string>>,
): ChildProcess {
  const child = spawn(program, parameters, {
    cwd: folder.path,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  children.push(child);
  return child;
}

const statusOf = (url: string): Promise<number | undefined> =>
  fetch(url, { headers: HEADERS }).then(
    ({ status }) => status,
    () => undefined,
  );

beforeAll(async () => {
  redis = await startedRedis();
  for (let number = 1; number <= MACHINES; number += 1) {
    const port = await unusedPort();
    const own = path.join(folder.path, `machine-${number}`);
    const child = started(process.execPath, [OFFHOOK, 'serve'], {
      PORT: String(port),
      RECORDINGS_DIRECTORY: own,
      MICROPHONE_DIRECTORY: path.join(own, 'microphone'),
      REDIS_URL: redis.url,
      API_TOKEN,
      LOG_LEVEL: 'error',
    });
    machines.push({ url: `http://127.0.0.1:${port}`, child });
  }
  const port = await unusedPort();
  proxy = `http://127.0.0.1:${port}`;
  started(requiredProgram('caddy'), ['run', '--adapter', 'caddyfile', '--config', CADDYFILE], {
    HOME: folder.path,
    CADDY_ADMIN: `127.0.0.1:${await unusedPort()}`,
    PUBLIC_HOST: proxy,
    OFFHOOK_MACHINES: machines.map(({ url }) => new URL(url).host).join(' '),
  });
  for (const { url } of machines)
    await comesTrue('the machine is ready', async () => (await statusOf(`${url}/ready`)) === 200);
  await comesTrue('the proxy passes requests', async () => (await statusOf(`${proxy}/ready`)) === 200);
}, 170_000);

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await redis.end();
  folder[Symbol.dispose]();
});

async function openDesk(): Promise<WebSocket> {
  const socket = new WebSocket(`${proxy.replace('http', 'ws')}/calls/live`, { headers: HEADERS });
  const [message] = (await once(socket, 'message')) as [Buffer];
  expect(JSON.parse(message.toString('utf8'))).toMatchObject({ type: 'welcome' });
  return socket;
}

async function answersPing(socket: WebSocket): Promise<boolean> {
  const answered = once(socket, 'pong');
  socket.ping();
  await answered;
  return socket.readyState === WebSocket.OPEN;
}

test('sockets stay open while a machine drains; new requests go to the others, also when one is killed', async () => {
  const sockets = await Promise.all(Array.from({ length: 2 * MACHINES }, openDesk));
  const [first, second] = machines;
  const begun = await fetch(`${first!.url}/api/drain`, {
    method: 'PUT',
    headers: HEADERS,
    body: JSON.stringify({ draining: true }),
  });
  expect(begun.status).toBe(200);
  expect(await statusOf(`${first!.url}/ready`)).toBe(503);
  const seen = async (): Promise<boolean[]> => {
    const answers = Array.from({ length: 12 }, async () => {
      const response = await fetch(`${proxy}/api/drain`, { headers: HEADERS });
      return ((await response.json()) as { draining: boolean }).draining;
    });
    return Promise.all(answers);
  };
  await comesTrue('the proxy leaves the draining machine', async () => !(await seen()).includes(true));
  for (const socket of sockets) expect(await answersPing(socket)).toBe(true);

  second!.child.kill('SIGKILL');
  await once(second!.child, 'exit');
  for (let count = 0; count < 12; count += 1) expect(await statusOf(`${proxy}/health`)).toBe(200);
  const late = await openDesk();
  for (const socket of [...sockets, late]) socket.terminate();
}, 170_000);
