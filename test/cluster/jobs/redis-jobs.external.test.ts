import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RedisJobs } from '../../../src/cluster/jobs/redis-jobs.ts';
import { openRedis, type RedisClient } from '../../../src/cluster/redis-connection.ts';
import { redisAddress } from '../../../src/settings/addresses/redis-address.ts';
import { finalizationJobPromises, HeldJobs, newJob, PAUSE_SCALE } from '../../suites/finalization-jobs.ts';
import { comesTrue } from '../../support/comes-true.ts';
import { keptLog } from '../../support/kept-log.ts';
import { startedCluster } from '../../support/redis-processes.ts';
import { type RedisServer, startedRedis } from '../../support/redis-server.ts';
import { stallingRelay, type StallingRelay } from '../../support/stalling-relay.ts';

let redis: RedisServer;
const log = keptLog();
const clients: RedisClient[] = [];
const opened: RedisJobs[] = [];
let tests = 0;

beforeAll(async () => {
  redis = await startedRedis();
});
afterAll(() => redis.end());
afterEach(async () => {
  await Promise.all(opened.splice(0).map((jobs) => jobs.stop(0)));
  for (const client of clients.splice(0)) client.disconnect();
});

/** A process of the system. Those of one test have the same prefix. */
async function processWithJobs(
  prefix: string,
  { lockMs, url = redis.url }: { lockMs?: number; url?: string } = {},
): Promise<RedisJobs> {
  const address = redisAddress.schema.parse(url);
  const client = openRedis(address, log.log);
  clients.push(client);
  await comesTrue('it is connected', () => client.status === 'ready');
  const cluster = { address, prefix };
  const jobs = new RedisJobs({ client, cluster, log: log.log, pauseScale: PAUSE_SCALE, lockMs });
  opened.push(jobs);
  return jobs;
}

function newPrefix(): string {
  tests += 1;
  return `test${tests}`;
}

describe('jobs in Redis, of two processes', () => {
  let adds: RedisJobs;
  let executes: RedisJobs;
  beforeEach(async () => {
    const prefix = newPrefix();
    adds = await processWithJobs(prefix);
    executes = await processWithJobs(prefix);
  });

  finalizationJobPromises(() => ({ adds, executes, look: () => executes.look() }));

  test('each job is executed by one of them', async () => {
    const [a, b] = [new HeldJobs(), new HeldJobs()];
    adds.start(a);
    executes.start(b);
    const jobs = Array.from({ length: 12 }, () => newJob());
    await Promise.all(jobs.map((job) => adds.add(job)));
    await comesTrue('all are executed', () => {
      a.end('done');
      b.end('done');
      return a.begun.length + b.begun.length >= jobs.length;
    });
    const executed = [...a.begun, ...b.begun].map(({ callSid }) => callSid);
    expect(executed.sort()).toEqual(jobs.map(({ callSid }) => callSid).sort());
  });

  test('a job that is given up is executed by the other one', async () => {
    const [a, b] = [new HeldJobs(), new HeldJobs()];
    executes.start(a);
    const job = newJob();
    await adds.add(job);
    await a.hasBegun(1);
    await executes.stop(0);
    adds.start(b);
    await b.hasBegun(1);
    expect(b.begun).toEqual([job]);
    b.end('done');
  });

  test('all keys are on one node of a cluster', async () => {
    await redis.client.flushall();
    const held = new HeldJobs();
    executes.start(held);
    await adds.add(newJob());
    await held.hasBegun(1);
    held.end('done');
    const keys = await redis.client.keys('*');
    expect(keys.length).toBeGreaterThan(1);
    expect(keys.filter((key) => !/^\{test\d+:jobs\}:/u.test(key))).toEqual([]);
  });
});

test('the job of a process that hangs is executed by another one, and given up when the first one returns', async () => {
  const prefix = newPrefix();
  const relay = await stallingRelay(redis.port);
  const hangs = await processWithJobs(prefix, { lockMs: 1_000, url: `redis://127.0.0.1:${relay.port}` });
  const other = await processWithJobs(prefix, { lockMs: 1_000 });
  const [a, b] = [new HeldJobs(), new HeldJobs()];
  hangs.start(a);
  const job = newJob();
  await other.add(job);
  await a.hasBegun(1);
  relay.stall();
  other.start(b);
  await b.hasBegun(1);
  expect(b.begun).toEqual([job]);
  expect(
    log.lines.some((line) => line.includes('the process that executed a finalization job is gone')),
  ).toBe(true);
  relay.goOn();
  await comesTrue('the first process has given it up', () => a.givenUp.length === 1);
  b.end('done');
  await relay.close();
});

test('jobs are executed over a Redis Cluster', async () => {
  const cluster = await startedCluster();
  const jobs = await processWithJobs(newPrefix(), { url: cluster.url });
  const held = new HeldJobs();
  jobs.start(held);
  const job = newJob();
  await jobs.add(job);
  await held.hasBegun(1);
  held.end('done');
  expect(held.begun).toEqual([job]);
  await comesTrue('nothing is left', async () => {
    await jobs.look();
    return Object.values(jobs.counts).every((count) => count === 0);
  });
  await jobs.stop(0);
  await cluster.end();
});

describe('while Redis', () => {
  async function goesOnAfter(jobs: RedisJobs): Promise<void> {
    const held = new HeldJobs();
    jobs.start(held);
    const job = newJob();
    await comesTrue('a job is kept again', () =>
      jobs.add(job).then(
        () => true,
        () => false,
      ),
    );
    await held.hasBegun(1);
    held.end('done');
    expect(jobs.outage.problem).toBeUndefined();
  }

  test('is killed, a job is refused at once; it is executed when Redis is back', async () => {
    const jobs = await processWithJobs(newPrefix());
    await redis.kill();
    await comesTrue('the process has noticed', () => clients.every(({ status }) => status !== 'ready'));
    await expect(jobs.add(newJob())).rejects.toThrow('Connection is closed');
    await redis.start();
    await goesOnAfter(jobs);
  });

  test.each([
    ['is gone', (relay: StallingRelay): void | Promise<void> => relay.close()],
    ['hangs', (relay: StallingRelay): void | Promise<void> => relay.stall()],
  ])('%s, the numbers of jobs are not known', async (_name, fails) => {
    const relay = await stallingRelay(redis.port);
    const jobs = await processWithJobs(newPrefix(), { url: `redis://127.0.0.1:${relay.port}` });
    await jobs.add(newJob());
    await jobs.look();
    expect(jobs.counts).toEqual({ waiting: 1, running: 0, delayed: 0 });
    await fails(relay);
    await comesTrue('they are not known', async () => {
      await jobs.look();
      return Object.values(jobs.counts).every((count) => count === undefined);
    });
    await relay.close();
  });

  test('is full, a job is refused and the problem is named', async () => {
    const jobs = await processWithJobs(newPrefix());
    await redis.client.config('SET', 'maxmemory', '1');
    try {
      await expect(jobs.add(newJob())).rejects.toThrow('OOM');
      expect(jobs.outage.problem).toContain('Redis: finalization jobs: OOM');
    } finally {
      await redis.client.config('SET', 'maxmemory', '0');
    }
    await goesOnAfter(jobs);
  });

  test('is flushed in mid-job, the job may be added again', async () => {
    const jobs = await processWithJobs(newPrefix());
    const held = new HeldJobs();
    jobs.start(held);
    const job = newJob();
    await jobs.add(job);
    await held.hasBegun(1);
    await redis.client.flushall();
    await jobs.add(job);
    await held.hasBegun(2);
    held.end('done');
    await comesTrue('nothing is left', async () => {
      await jobs.look();
      return Object.values(jobs.counts).every((count) => count === 0);
    });
  });
});

describe.each([
  ['hangs', (relay: StallingRelay): Promise<void> => Promise.resolve(relay.stall())],
  ['is gone', (relay: StallingRelay): Promise<void> => relay.close()],
])('Redis %s while a process stops', (_name, fails) => {
  /** A process that executes a job, behind a relay. */
  async function executing() {
    const relay = await stallingRelay(redis.port);
    const stops = await processWithJobs(newPrefix(), { url: `redis://127.0.0.1:${relay.port}` });
    const held = new HeldJobs();
    stops.start(held);
    await stops.add(newJob());
    await held.hasBegun(1);
    return { relay, stops, held };
  }

  test('the process ends nevertheless, and gives its jobs up', async () => {
    const { relay, stops, held } = await executing();
    const stopped = stops.stop(300);
    await fails(relay);
    await stopped;
    expect(held.givenUp).toHaveLength(1);
    expect(log.lines.join()).toContain('Redis did not answer while finalization jobs ended');
  });

  test('also if Redis failed before', async () => {
    const { relay, stops, held } = await executing();
    await fails(relay);
    await stops.stop(300);
    expect(held.givenUp).toHaveLength(1);
  });
});
