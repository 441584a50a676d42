import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { comesTrue } from '../support/comes-true.ts';
import { ownFolder } from '../support/own-folder.ts';
import { startedRedis } from '../support/redis-server.ts';
import { servedOffhook } from '../support/served-offhook.ts';

const HOOK = path.resolve(import.meta.dirname, '../support/imported-modules.mjs');
const OF_REDIS = /node_modules\/(ioredis|iovalkey|redis|bullmq)\//u;

/** The packages for Redis that a server has imported when it works. */
async function packagesOf(env: Readonly<Record<string, string>>): Promise<string[]> {
  using folder = ownFolder();
  const file = path.join(folder.path, 'imported');
  const server = await servedOffhook({ ...env, IMPORTED: file }, ['--import', HOOK]);
  try {
    const isShared = 'REDIS_URL' in env;
    await comesTrue(
      'it works',
      async () => !isShared || (await server.health())['scheduledWork'] !== undefined,
    );
  } finally {
    await server.stop();
  }
  const lines = readFileSync(file, 'utf8').split('\n');
  expect(lines.length).toBeGreaterThan(50);
  return [...new Set(lines.flatMap((line) => OF_REDIS.exec(line)?.[1] ?? []))];
}

test('packages for Redis are loaded with REDIS_URL alone', async () => {
  const redis = await startedRedis();
  try {
    expect(await packagesOf({})).toEqual([]);
    expect(await packagesOf({ REDIS_URL: redis.url })).toContain('ioredis');
  } finally {
    await redis.end();
  }
});
