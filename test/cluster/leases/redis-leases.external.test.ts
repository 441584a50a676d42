import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RedisKeys } from '../../../src/cluster/keys.ts';
import { RedisLeases } from '../../../src/cluster/leases/redis-leases.ts';
import { openRedis, type RedisClient } from '../../../src/cluster/redis-connection.ts';
import { RedisOutage } from '../../../src/cluster/redis-outage.ts';
import { redisAddress } from '../../../src/settings/addresses/redis-address.ts';
import { held, workLeasePromises } from '../../suites/work-leases.ts';
import { comesTrue } from '../../support/comes-true.ts';
import { keptLog } from '../../support/kept-log.ts';
import { type RedisServer, startedRedis } from '../../support/redis-server.ts';

/** Two machines on one Redis. */
let redis: RedisServer;
let clients: RedisClient[];
let one: RedisLeases;
let other: RedisLeases;

beforeAll(async () => {
  redis = await startedRedis();
  const { log } = keptLog();
  clients = [1, 2].map(() => openRedis(redisAddress.schema.parse(redis.url), log));
  const keys = new RedisKeys('test');
  [one, other] = ['A', 'B'].map((name, each) => {
    const outage = new RedisOutage('scheduled work', log);
    return new RedisLeases({ client: clients[each]!, keys, name, outage, leaseMs: 1_000 });
  }) as [RedisLeases, RedisLeases];
});
beforeEach(() =>
  comesTrue('both machines are connected', () => clients.every(({ status }) => status === 'ready')),
);
afterAll(async () => {
  for (const client of clients) client.disconnect();
  await redis.end();
});

const lost = (signal: AbortSignal): Promise<void> => comesTrue('the lease is lost', () => signal.aborted);

describe('leases in Redis', () => {
  workLeasePromises(() => ({ one, other }));

  test('name their holder', async () => {
    const lease = held(await one.acquire('named'));
    expect(await other.acquire('named')).toEqual({ holder: 'A' });
    await lease.release();
  });

  test('are lost if Redis loses them, and the next one has a larger fence', async () => {
    const lease = held(await one.acquire('flushed'));
    await redis.client.flushall();
    const next = held(await other.acquire('flushed'));
    expect(next.fence).toBeGreaterThan(lease.fence);
    await lost(lease.lost);
    expect(next.lost.aborted).toBe(false);
    await next.release();
  });

  test('are lost before another machine gets them if Redis does not answer their holder', async () => {
    const lease = held(await one.acquire('cut off'));
    clients[0]!.disconnect();
    let wasLost: boolean | undefined;
    await comesTrue('the other machine has it', async () => {
      const answer = await other.acquire('cut off');
      if ('holder' in answer) return false;
      wasLost = lease.lost.aborted;
      await answer.release();
      return true;
    });
    expect(wasLost).toBe(true);
    expect(one.outage.problem).toBe('Redis: scheduled work: there is no connection');
    await clients[0]!.connect();
  });

  test('are not known while Redis does not answer', async () => {
    await redis.kill();
    await expect(one.acquire('unknown')).rejects.toThrow();
    await redis.start();
  });
});
