import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCluster } from '../../src/cluster/open-cluster.ts';
import { redisAddress } from '../../src/settings/addresses/redis-address.ts';
import { comesTrue } from '../support/comes-true.ts';
import { keptLog } from '../support/kept-log.ts';
import { ownFolder } from '../support/own-folder.ts';
import { type RedisServer, startedRedis } from '../support/redis-server.ts';

let redis: RedisServer;
const disk = ownFolder();

beforeAll(async () => {
  redis = await startedRedis();
});
afterAll(async () => {
  await redis.end();
  disk[Symbol.dispose]();
});

test('a wrong password is named as such, until Redis takes it', async () => {
  await redis.client.config('SET', 'requirepass', 'right');
  const log = keptLog();
  const address = redisAddress.schema.parse(redis.url.replace('redis://', 'redis://:wrong@'));
  const cluster = openCluster({ address, prefix: 'test', name: 'A' }, disk.path, log.log);
  await comesTrue('the problem is known', () => cluster.problems.length > 0);
  await comesTrue('the cause is known', () => cluster.problems[0]!.includes('WRONGPASS'));
  expect(cluster.problems).toEqual([
    expect.stringMatching(/^Redis refuses the connection: WRONGPASS .*; this machine goes on alone$/u),
  ]);
  // One of each connection.
  expect(log.lines.filter((line) => line.includes('Redis refuses the connection'))).toHaveLength(2);
  expect(log.lines.join()).not.toContain('Redis does not answer');
  await redis.client.config('SET', 'requirepass', 'wrong');
  await comesTrue(
    'Redis takes it',
    async () => (await cluster.isReachable()) && cluster.problems.length === 0,
  );
  expect(log.lines.join()).toContain('Redis answers again');
  await redis.client.config('SET', 'requirepass', '');
  cluster.close();
});

test('a Redis that does not answer refuses nothing', async () => {
  const log = keptLog();
  const address = redisAddress.schema.parse('redis://127.0.0.1:1');
  const cluster = openCluster({ address, prefix: 'test', name: 'A' }, disk.path, log.log);
  await comesTrue('it is logged', () => log.lines.join().includes('Redis does not answer'));
  expect(cluster.problems.join()).not.toContain('refuses');
  cluster.close();
});
