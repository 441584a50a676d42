import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DataDirectory } from '../../../src/storage/data-directory.ts';
import { sidOf } from '../../support/catalogued-calls.ts';
import { comesTrue } from '../../support/comes-true.ts';
import { ownFolder } from '../../support/own-folder.ts';
import { type RedisServer, startedRedis } from '../../support/redis-server.ts';
import { runOffhook } from '../../support/run-offhook.ts';
import { Offhook } from '../../support/test-server.ts';
import { leaveCalls } from '../../support/written-calls.ts';

/** Two machines with one catalogue. The files of all calls are at A, which may be away; requests come to B. */
let redis: RedisServer;
let disk: ReturnType<typeof ownFolder>;
let settings: Record<string, string>;
let a: Offhook | undefined;
let b: Offhook;
const NUMBER = '+4930000';
const CALLS = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => ({ callSid: sidOf(n), from: `${NUMBER}${n}` }));

const folder = (machine: string): string => path.join(disk.path, machine);
const settingsOf = (machine: string): Record<string, string> => ({
  ...settings,
  ...{ RECORDINGS_DIRECTORY: folder(machine), MACHINE_NAME: machine },
});

async function startA(): Promise<void> {
  b.logged.length = 0;
  a = await Offhook.start(settingsOf('A'), { catalogue: true });
  await b.logs(/another machine is there/u);
}

async function closeA(): Promise<void> {
  await a?.close();
  a = undefined;
  await b.logs(/another machine has left/u);
}

beforeAll(async () => {
  redis = await startedRedis();
  disk = ownFolder();
  settings = { REDIS_URL: redis.url, DATABASE_URL: `sqlite:${path.join(disk.path, 'catalogue.db')}` };
  mkdirSync(folder('A'));
  await leaveCalls(folder('A'), CALLS);
  b = await Offhook.start(settingsOf('B'), { catalogue: true });
  await startA();
  await comesTrue('all calls are in the catalogue', async () => {
    const { calls } = (await (await fetch(`${b.url}/api/calls`)).json()) as { calls: unknown[] };
    return calls.length === CALLS.length;
  });
});
afterAll(async () => {
  await Promise.all([a?.close(), b.close()]);
  await redis.end();
  disk[Symbol.dispose]();
});

const api = (callSid: string, rest = '', init: RequestInit = {}): Promise<Response> =>
  fetch(`${b.url}/api/calls/${callSid}${rest}`, init);
const erase = (callSid: string): Promise<Response> => api(callSid, '', { method: 'DELETE' });
const hold = (callSid: string): Promise<Response> =>
  api(callSid, '/hold', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ reason: 'court' }),
  });
const release = (callSid: string): Promise<Response> => api(callSid, '/hold', { method: 'DELETE' });

/** Files of a call in the directory of A. */
function filesOf(callSid: string): string[] {
  return readdirSync(folder('A'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.includes(callSid),
  );
}

function heldAtA(callSid: string): string | undefined {
  const json = path.join(folder('A'), `call_${callSid}.json`);
  return (JSON.parse(readFileSync(json, 'utf8')) as { hold?: { reason: string } }).hold?.reason;
}

/** The requests at B that A has not carried out. */
function openAtB(): string[] {
  const { tasks } = new DataDirectory(folder('B'));
  return existsSync(tasks) ? readdirSync(tasks) : [];
}

describe('a machine that is asked', () => {
  test('erases a call whose files another machine has, with all its journals', async () => {
    const callSid = sidOf(1);
    const directories = new DataDirectory(folder('A'));
    writeFileSync(directories.keptPath(callSid), 'x');
    writeFileSync(directories.outdatedPath(`${callSid}.11111111-1111-1111-1111-111111111111.journal`), 'x');
    expect(filesOf(callSid).length).toBeGreaterThan(4);
    const response = await erase(callSid);
    expect([response.status, await response.json()]).toMatchObject([
      200,
      { callSid, catalogue: 'removed', machines: ['A'] },
    ]);
    expect(filesOf(callSid)).toEqual([]);
    expect(openAtB()).toEqual([]);
    expect((await erase(callSid)).status).toBe(404);
  });

  test('sets and releases a hold at the machine that has the files, and does not erase a call on hold', async () => {
    const callSid = sidOf(2);
    expect((await hold(callSid)).status).toBe(204);
    expect(heldAtA(callSid)).toBe('court');
    expect((await erase(callSid)).status).toBe(409);
    expect(filesOf(callSid).length).toBeGreaterThan(2);
    expect((await release(callSid)).status).toBe(204);
    expect(heldAtA(callSid)).toBeUndefined();
    expect((await erase(callSid)).status).toBe(200);
  });

  test('adds a note to a call of another machine', async () => {
    const callSid = sidOf(3);
    const body = JSON.stringify({ text: 'call back' });
    const headers = { 'content-type': 'application/json' };
    const response = await api(callSid, '/notes', { method: 'POST', headers, body });
    expect(response.status).toBe(201);
    const json = readFileSync(path.join(folder('A'), `call_${callSid}.json`), 'utf8');
    expect(json).toContain('call back');
  });

  test('knows no call that no machine has', async () => {
    expect((await erase(sidOf(99))).status).toBe(404);
    expect((await hold(sidOf(99))).status).toBe(404);
  });

  test('as a command erases the calls of a number that another machine has', async () => {
    const { status, stdout, stderr } = await runOffhook('erase', [`${NUMBER}3`, '--yes'], settingsOf('B'));
    expect(stderr).not.toContain('"level":50');
    expect(JSON.parse(stdout)).toMatchObject({ calls: [{ callSid: sidOf(3), machines: ['A'] }] });
    expect(filesOf(sidOf(3))).toEqual([]);
    // Machines usually do not share a file of SQLite, as these do.
    expect(stderr).toContain('erase the number there, too (A)');
    expect(status).toBe(3);
  });

  test('as a command names the machines with catalogues of their own, also if this one has no such call', async () => {
    const { status, stdout, stderr } = await runOffhook('erase', ['+4939999', '--yes'], settingsOf('B'));
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).toContain('no call from or to this number or address');
    expect(stderr).toContain('erase the number there, too (A)');
  });
});

describe('a machine that was away', () => {
  test('erases and holds what was asked for meanwhile, also if Redis has lost it, and enters nothing again', async () => {
    await closeA();
    const [erased, held] = [sidOf(4), sidOf(5)];
    const response = await erase(erased);
    const left = ['machine A: it does not answer'];
    expect([response.status, await response.json()]).toMatchObject([202, { catalogue: 'removed', left }]);
    const holding = await hold(held);
    expect([holding.status, await holding.json()]).toEqual([202, { left }]);
    expect((await erase(held)).status).toBe(409);
    expect(openAtB()).toHaveLength(2);
    await redis.client.flushall();
    await comesTrue('B has placed it again', async () => {
      const keys = await redis.client.keys('offhook:{tasks}:of:*');
      return keys.length > 0;
    });
    await startA();
    expect(filesOf(erased)).toEqual([]);
    expect(heldAtA(held)).toBe('court');
    await comesTrue('B knows that it is done', () => openAtB().length === 0);
    expect((await api(erased)).status).toBe(404);
  });
});

test('a machine that is away is asked also by a Redis that has lost what it knew of it', async () => {
  await closeA();
  await redis.client.flushall();
  const callSid = sidOf(8);
  const response = await erase(callSid);
  const left = ['machine A: it does not answer'];
  expect([response.status, await response.json()]).toMatchObject([202, { left }]);
  await startA();
  expect(filesOf(callSid)).toEqual([]);
  await comesTrue('B knows that it is done', () => openAtB().length === 0);
});

describe('offhook machines', () => {
  const machines = (...parameters: string[]) => runOffhook('machines', parameters, settingsOf('B'));
  const DIRECTORIES = 'offhook:{tasks}:directories';

  /** The entry of A in Redis, as if A had last been there so long ago. */
  async function lastThere(agoMs: number): Promise<void> {
    const [id, entry] = Object.entries(await redis.client.hgetall(DIRECTORIES)).find(([, text]) =>
      text.endsWith(' A'),
    )!;
    await redis.client.hset(DIRECTORIES, id, entry.replace(/^\d+/u, String(Date.now() - agoMs)));
  }

  test('lists the machines, forgets one that does not come back, and requests no longer wait for it', async () => {
    const listed = await machines('--json');
    expect(JSON.parse(listed.stdout)).toMatchObject([
      { name: 'A', isRunning: true, waiting: 0 },
      { name: 'B', isRunning: true, waiting: 0 },
    ]);
    expect(await machines('--forget', 'A')).toMatchObject({
      status: 1,
      stderr: 'A is running, or was until half a minute ago. Stop it first.\n',
    });
    expect(await machines('--forget', 'C')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('No machine is named C. Known: A (') as unknown,
    });
    await closeA();
    expect((await erase(sidOf(7))).status).toBe(202);
    await lastThere(3_600_000);
    expect((await machines()).stdout).toMatch(/^A {2}last there \S+Z {2}waiting requests: 1/u);
    expect((await machines('--forget', 'A')).stdout).toContain('Dropped requests: 1.');
    await comesTrue('B waits no longer', () => openAtB().length === 0);
    expect(await redis.client.keys('offhook:{tasks}:of:*')).toEqual([]);
    expect((await machines()).stdout).not.toContain('A');
    // Nothing waits for it, and nothing is asked of it, until it comes back.
    expect((await erase(sidOf(7))).status).toBe(404);
    await startA();
    expect((await machines()).stdout).toMatch(/^A {2}running/u);
    expect((await erase(sidOf(7))).status).toBe(200);
  });

  test('without REDIS_URL there is one machine', async () => {
    const ran = await runOffhook('machines', [], { RECORDINGS_DIRECTORY: folder('B'), REDIS_URL: '' });
    expect(ran).toMatchObject({ status: 2, stderr: 'There is one machine: REDIS_URL is not set.\n' });
  });
});

test('without Redis an erasure waits for the other machines, and the answer says so', async () => {
  const callSid = sidOf(6);
  await redis.kill();
  const response = await erase(callSid);
  expect([response.status, await response.json()]).toMatchObject([
    202,
    { left: expect.arrayContaining(['the other machines: Redis does not answer']) as unknown },
  ]);
  expect(filesOf(callSid).length).toBeGreaterThan(2);
  await redis.start();
  await comesTrue('A has erased it', () => filesOf(callSid).length === 0);
  await comesTrue('B knows that it is done', () => openAtB().length === 0);
});
