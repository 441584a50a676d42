import { afterAll, beforeAll, expect, test } from 'vitest';
import { EvictionCheck } from '../../src/cluster/eviction-check.ts';
import { openRedis } from '../../src/cluster/redis-connection.ts';
import { redisAddress } from '../../src/settings/addresses/redis-address.ts';
import { comesTrue } from '../support/comes-true.ts';
import { keptLog } from '../support/kept-log.ts';
import { type RedisServer, startedRedis } from '../support/redis-server.ts';

let redis: RedisServer;

beforeAll(async () => {
  redis = await startedRedis();
});
afterAll(() => redis.end());

test('a Redis that removes keys when it is full is named, until it does not any more', async () => {
  await redis.client.config('SET', 'maxmemory-policy', 'allkeys-lru');
  const log = keptLog();
  const client = openRedis(redisAddress.schema.parse(redis.url), log.log);
  const check = new EvictionCheck(client, log.log);
  await comesTrue('it is named', () => check.problem !== undefined);
  expect(check.problem).toContain('maxmemory-policy is allkeys-lru');
  expect(log.lines.filter((line) => line.includes('may remove live calls'))).toHaveLength(1);
  await redis.client.config('SET', 'maxmemory-policy', 'noeviction');
  client.disconnect(true);
  await comesTrue('it is not named any more', () => check.problem === undefined);
  client.disconnect();
});
