import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RedisKeys } from '../../../src/cluster/keys.ts';
import { openRedis, type RedisClient } from '../../../src/cluster/redis-connection.ts';
import { RedisTickets } from '../../../src/cluster/tickets/redis-tickets.ts';
import { redisAddress } from '../../../src/settings/addresses/redis-address.ts';
import { CALLER, streamTicketPromises } from '../../suites/stream-tickets.ts';
import { comesTrue } from '../../support/comes-true.ts';
import { keptLog } from '../../support/kept-log.ts';
import { type RedisServer, startedRedis } from '../../support/redis-server.ts';

/** Two machines on one Redis. */
let redis: RedisServer;
let clients: RedisClient[];
let a: RedisTickets;
let b: RedisTickets;
const log = keptLog();

beforeAll(async () => {
  redis = await startedRedis();
});
afterAll(() => redis.end());

beforeEach(async () => {
  log.lines.length = 0;
  clients = [1, 2].map(() => openRedis(redisAddress.schema.parse(redis.url), log.log));
  const [first, second] = clients.map(
    (client) => new RedisTickets(client, new RedisKeys('test'), 'telephone', log.log),
  );
  [a, b] = [first!, second!];
  await connected();
});
afterEach(() => clients.forEach((client) => client.disconnect()));

const connected = (): Promise<void> =>
  comesTrue('both machines are connected', () => clients.every(({ status }) => status === 'ready'));

describe('tickets in Redis', () => {
  streamTicketPromises(() => ({ webhook: a, stream: b }));

  test('are stored by their digest, for a minute', async () => {
    await redis.client.flushall();
    const token = await a.issue(CALLER, 0);
    const [key, ...more] = await redis.client.keys('*');
    expect(more).toEqual([]);
    expect(key).toMatch(/^test:ticket:telephone:[\w+/=]{44}$/);
    expect(key).not.toContain(token);
    const left = await redis.client.pttl(key!);
    expect(left).toBeGreaterThan(50_000);
    expect(left).toBeLessThanOrEqual(60_000);
  });

  test('expire by the clock of Redis: clocks of machines may differ by an hour', async () => {
    const token = await a.issue(CALLER, 0);
    expect(await b.redeem(token, 'CA1', 3_600_000)).toEqual(CALLER);
  });

  test('of a browser do not admit a stream of a telephone', async () => {
    const browser = new RedisTickets(clients[0]!, new RedisKeys('test'), 'browser', log.log);
    expect(await b.redeem(await browser.issue(CALLER, 0), 'CA1', 1)).toBeUndefined();
  });

  test('that are not ours are refused', async () => {
    await redis.client.flushall();
    const token = await a.issue(CALLER, 0);
    const [key] = await redis.client.keys('test:ticket:telephone:*');
    for (const foreign of ['not JSON', '{}', '[1,2,3]', 'null']) {
      await redis.client.set(key!, foreign);
      expect(await b.redeem(token, 'CA1', 1)).toBeUndefined();
    }
  });
});

/** The machine with the webhook goes on with its own tickets, once each; the others refuse them. */
async function goesOnAlone(): Promise<void> {
  const token = await a.issue(CALLER, 0);
  expect(await b.redeem(token, 'CA1', 1)).toBeUndefined();
  expect(await a.redeem(token, 'CA1', 2)).toEqual(CALLER);
  expect(await a.redeem(token, 'CA1', 3)).toBeUndefined();
  const expired = await a.issue(CALLER, 0);
  expect(await a.redeem(expired, 'CA1', 60_000)).toBeUndefined();
}

async function worksAgain(): Promise<void> {
  await connected();
  expect(await b.redeem(await a.issue(CALLER, 0), 'CA1', 1)).toEqual(CALLER);
  expect([a.outage.problem, b.outage.problem]).toEqual([undefined, undefined]);
}

describe('while Redis', () => {
  test('is killed, until it is started again', async () => {
    await redis.kill();
    await goesOnAlone();
    expect(a.outage.problem).toMatch(/^Redis: tickets of telephone streams: .+/);
    await redis.start();
    await worksAgain();
    const failed = log.lines.filter((line) => line.includes('Redis fails; this machine goes on alone'));
    // One for each machine, although several requests failed.
    expect(failed).toHaveLength(2);
  });

  test('does not answer, within its bounds', async () => {
    redis.pause();
    try {
      const startedMs = performance.now();
      const token = await a.issue(CALLER, 0);
      expect(await a.redeem(token, 'CA1', 1)).toEqual(CALLER);
      expect(performance.now() - startedMs).toBeLessThan(10_000);
      await goesOnAlone();
    } finally {
      redis.goOn();
    }
    await worksAgain();
  });

  test('is flushed', async () => {
    const [used, unused] = [await a.issue(CALLER, 0), await a.issue(CALLER, 0)];
    await redis.client.flushall();
    expect(await b.redeem(unused, 'CA1', 1)).toBeUndefined();
    expect(await a.redeem(used, 'CA1', 2)).toEqual(CALLER);
    expect(await a.redeem(used, 'CA1', 3)).toBeUndefined();
    await worksAgain();
  });

  test.each([
    ['is read-only', ['min-replicas-to-write', '1'], ['min-replicas-to-write', '0']],
    ['is full', ['maxmemory', '1'], ['maxmemory', '0']],
  ] as const)('%s', async (_, broken, repaired) => {
    const before = await a.issue(CALLER, 0);
    await redis.client.config('SET', ...broken);
    try {
      await goesOnAlone();
      if (broken[0] === 'maxmemory') {
        // What is there already is still valid everywhere, and once.
        expect(await b.redeem(before, 'CA1', 1)).toEqual(CALLER);
        expect(await a.redeem(before, 'CA1', 2)).toBeUndefined();
      }
    } finally {
      await redis.client.config('SET', ...repaired);
    }
    await worksAgain();
  });
});
