import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sidOf } from '../../support/catalogued-calls.ts';
import { comesTrue } from '../../support/comes-true.ts';
import { ownFolder } from '../../support/own-folder.ts';
import { type RedisServer, startedRedis } from '../../support/redis-server.ts';
import { Offhook } from '../../support/test-server.ts';
import { leaveCalls } from '../../support/written-calls.ts';

/** Two machines with one catalogue. Calls are kept for a day; the first two of A are older. */
let redis: RedisServer;
let disk: ReturnType<typeof ownFolder>;
const folder = (machine: string): string => path.join(disk.path, machine);
const DAY_MS = 86_400_000;

beforeAll(async () => {
  redis = await startedRedis();
  disk = ownFolder();
  mkdirSync(folder('A'));
  const startedAtMs = Date.now() - 2 * DAY_MS;
  await leaveCalls(folder('A'), [
    { callSid: sidOf(1), startedAtMs },
    { callSid: sidOf(2), startedAtMs },
    { callSid: sidOf(3), startedAtMs: Date.now() - DAY_MS / 2 },
  ]);
});
afterAll(async () => {
  await redis.end();
  disk[Symbol.dispose]();
});

function start(machine: string, days: number): Promise<Offhook> {
  return Offhook.start(
    {
      ...{ REDIS_URL: redis.url, DATABASE_URL: `sqlite:${path.join(disk.path, 'catalogue.db')}` },
      ...{ RECORDINGS_DIRECTORY: folder(machine), MACHINE_NAME: machine, RETENTION_DAYS: String(days) },
    },
    { catalogue: true },
  );
}

async function calls(machine: Offhook): Promise<string[]> {
  const { calls } = (await (await fetch(`${machine.url}/api/calls`)).json()) as {
    calls: { callSid: string }[];
  };
  return calls.map(({ callSid }) => callSid).sort();
}

const filesAtA = (): string[] =>
  readdirSync(folder('A'))
    .filter((name) => name.endsWith('.json'))
    .sort();

test('one machine erases the expired calls of the catalogue, each its own files, and another takes over when it stops', async () => {
  const before = await start('A', 0);
  await comesTrue('all calls are in the catalogue', async () => (await calls(before)).length === 3);
  await before.close();
  const b = await start('B', 1);
  await b.logs(/"expired calls erased"/u);
  expect(await calls(b)).toEqual([sidOf(3)]);
  expect(filesAtA()).toHaveLength(3);
  const a = await start('A', 1);
  await comesTrue('A has erased its own', () => filesAtA().length === 1);
  expect(filesAtA()).toEqual([`call_${sidOf(3)}.json`]);
  expect(await calls(a)).toEqual([sidOf(3)]);
  expect((await a.health())['scheduledWork']).toBe('B');
  expect((await b.health())['scheduledWork']).toBe('this machine');
  await b.close();
  await a.logs(/"this machine does the scheduled work"/u);
  expect((await a.health())['scheduledWork']).toBe('this machine');
  await redis.kill();
  await comesTrue(
    'the loss is reported',
    async () =>
      ((await a.health())['problems'] as string[] | undefined)?.some((problem) =>
        problem.startsWith('Redis: scheduled work:'),
      ) === true,
  );
  await a.close();
});
