import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { ReplicatedJournals } from '../../../src/cluster/journals/replicated-journals.ts';
import { Passage } from '../../support/passage.ts';
import { type RedisServer, startedRedis } from '../../support/redis-server.ts';
import { callSidOf, contentOf, distinctBytes, KEYS, Machine } from './replicated-call.ts';

const CALL = callSidOf(1);

let redis: RedisServer;
let machine: Machine;

beforeAll(async () => {
  redis = await startedRedis();
});

afterAll(() => redis.end());

beforeEach(async () => {
  await redis.client.flushall();
  machine = await Machine.started(redis);
});

afterEach(() => machine.end());

/** Entries of a journal, as they are in Redis. */
async function entriesAre(...entries: readonly (readonly [number | string, Buffer])[]): Promise<void> {
  for (const [offset, bytes] of entries)
    await redis.client.xadd(KEYS.journal(CALL), '*', 'offset', offset, 'bytes', bytes);
}

const part = (length: number, seed: number): Buffer => distinctBytes(length, seed);

test('there is none of an unknown call', async () => {
  expect(await machine.downloaded(CALL)).toBe('absent');
  await entriesAre([100, part(10, 1)]);
  expect(await machine.downloaded(CALL)).toBe('absent');
});

test('a journal ends at a gap, unless it is filled', async () => {
  await entriesAre([0, part(100, 1)], [200, part(50, 2)]);
  expect(await machine.downloaded(CALL)).toBe(contentOf(part(100, 1)));
  await entriesAre([100, part(100, 3)], [200, part(10, 4)]);
  expect(await machine.downloaded(CALL)).toBe(contentOf(part(100, 1), part(100, 3), part(10, 4)));
});

test('an entry replaces everything from its place on', async () => {
  await entriesAre([0, part(100, 1)], [100, part(80, 2)], [150, part(10, 3)], [160, part(5, 4)]);
  const expected = [part(100, 1), part(80, 2).subarray(0, 50), part(10, 3), part(5, 4)];
  expect(await machine.downloaded(CALL)).toBe(contentOf(...expected));
});

test('foreign entries are left out', async () => {
  await entriesAre([0, part(100, 1)], ['somewhere', part(20, 2)], [-5, part(20, 3)]);
  await redis.client.xadd(KEYS.journal(CALL), '*', 'other', 'fields');
  expect(await machine.downloaded(CALL)).toBe(contentOf(part(100, 1)));
});

test('a failed download leaves nothing', async () => {
  await machine.begin(CALL, part(5_000, 1));
  await machine.replicated(CALL);
  const file = machine.pathOf(CALL);
  const target = `${file}.copy`;
  await redis.kill();
  await expect(machine.journals.download(CALL, target)).rejects.toThrow();
  expect(existsSync(target)).toBe(false);
  expect(readdirSync(path.join(path.dirname(file), 'temporary'))).toEqual([]);
  await redis.start();
});

test('a long journal comes in replies of a limited size', async () => {
  const parts = Array.from({ length: 20 }, (_, index) => part(256 * 1024, index));
  const small = Array.from({ length: 100 }, (_, index) => part(10, index));
  let offset = 0;
  for (const bytes of [...parts, ...small]) {
    await entriesAre([offset, bytes]);
    offset += bytes.length;
  }
  await using passage = await Passage.to(redis.port);
  const client = new Redis({ port: passage.port, host: '127.0.0.1' });
  const journals = new ReplicatedJournals({ client, keys: KEYS, temporary: machine.folder });
  const to = path.join(machine.folder, 'long');
  expect(await journals.download(CALL, to)).toBe('complete');
  client.disconnect();
  expect(contentOf(readFileSync(to))).toBe(contentOf(...parts, ...small));
  expect(passage.largestReplyBytes).toBeGreaterThan(256 * 1024);
  expect(passage.largestReplyBytes).toBeLessThan(600 * 1024);
});

test('a failing disk is told from a failing Redis', async () => {
  await entriesAre([0, part(100, 1)]);
  const { client } = redis;
  const missing = path.join(machine.folder, 'missing');
  const unwritable = new ReplicatedJournals({ client, keys: KEYS, temporary: missing });
  const failure = expect(unwritable.download(CALL, path.join(machine.folder, 'copy'))).rejects;
  await failure.toMatchObject({ name: 'DiskError', cause: { code: 'ENOENT' } });
  const renamed = machine.journals.download(CALL, path.join(missing, 'copy'));
  await expect(renamed).rejects.toMatchObject({ name: 'DiskError', cause: { code: 'ENOENT' } });
  await client.set(KEYS.journal(CALL), 'no stream');
  const wrong = machine.journals.download(CALL, path.join(machine.folder, 'copy'));
  await expect(wrong).rejects.toMatchObject({ name: 'ReplyError' });
});

test('only the machine that has the call removes its journal', async () => {
  await machine.begin(CALL, part(5_000, 1), 3);
  await machine.replicated(CALL);
  expect(await machine.journals.remove(CALL, 2)).toBe(false);
  expect(await machine.downloaded(CALL)).toBe(contentOf(part(5_000, 1)));
  expect(await machine.journals.remove(CALL, 3)).toBe(true);
  expect(await redis.client.exists(KEYS.journal(CALL))).toBe(0);
  // Nobody has a call of which Redis has nothing.
  await entriesAre([0, part(10, 1)]);
  await redis.client.del(KEYS.call(CALL));
  expect(await machine.journals.remove(CALL, 3)).toBe(true);
  expect(await redis.client.exists(KEYS.journal(CALL))).toBe(0);
});
