import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
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
