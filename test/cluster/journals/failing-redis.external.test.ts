import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { comesTrue } from '../../support/comes-true.ts';
import { type RedisServer, startedRedis } from '../../support/redis-server.ts';
import { callSidOf, distinctBytes, Machine } from './replicated-call.ts';

const CALL = callSidOf(1);
const OTHER = callSidOf(2);

let redis: RedisServer;
let machine: Machine;

beforeEach(async () => {
  redis = await startedRedis();
  machine = await Machine.started(redis);
  await machine.begin(CALL, distinctBytes(300_000, 1));
  await machine.begin(OTHER, distinctBytes(3_000, 2));
  await machine.replicated(CALL);
});

afterEach(async () => {
  await machine.end();
  await redis.end();
});

async function reports(cause: RegExp): Promise<void> {
  machine.append(CALL, distinctBytes(2_000, 3));
  machine.append(OTHER, distinctBytes(2_000, 4));
  await comesTrue(`the figures name ${cause}`, () => cause.test(machine.replication.figures.error ?? ''));
  await comesTrue('the journals are late', () => machine.replication.figures.lagMs > 500);
  expect(machine.replication.figures.backlogBytes).toBeGreaterThanOrEqual(4_000);
  machine.append(CALL, distinctBytes(200_000, 5));
}

async function isComplete(): Promise<void> {
  for (const callSid of [CALL, OTHER]) {
    expect(await machine.replicated(callSid)).toBe(true);
    expect(await machine.downloaded(callSid)).toEqual(machine.written(callSid));
  }
  await comesTrue('nothing is late', () => {
    const { backlogBytes, lagMs, error } = machine.replication.figures;
    return backlogBytes === 0 && lagMs === 0 && error === undefined;
  });
}

async function leasesAreRestored(): Promise<void> {
  await machine.lease(CALL, 1);
  await machine.lease(OTHER, 1);
}

describe('journals are complete in Redis after it', () => {
  test('was killed and has lost everything', async () => {
    await redis.kill();
    await reports(/ECONNREFUSED/);
    await redis.start();
    await reports(/Redis has nothing of the call/);
    await leasesAreRestored();
    await isComplete();
  });

  test('was flushed in mid-call', async () => {
    await redis.client.flushall();
    await leasesAreRestored();
    await isComplete();
  });

  test('lost journals alone', async () => {
    await redis.client.del(`test:{${CALL}}:journal`);
    machine.append(CALL, distinctBytes(2_000, 3));
    await isComplete();
  });

  test('did not answer for a while', async () => {
    redis.pause();
    await reports(/timed out/);
    expect(await machine.replication.replicated(CALL, 10)).toBe(false);
    redis.goOn();
    await isComplete();
  });

  test('was full', async () => {
    await redis.client.config('SET', 'maxmemory-policy', 'noeviction');
    await redis.client.config('SET', 'maxmemory', '1');
    await reports(/OOM|maxmemory/);
    await redis.client.config('SET', 'maxmemory', '0');
    await isComplete();
  });

  test('was read-only', async () => {
    await redis.client.config('SET', 'replica-serve-stale-data', 'yes');
    await redis.client.call('REPLICAOF', '127.0.0.1', '1');
    await reports(/READONLY/);
    await redis.client.call('REPLICAOF', 'NO', 'ONE');
    await isComplete();
  });

  test('refused one of the calls', async () => {
    await redis.client.set(`test:{${CALL}}:journal`, 'not a stream');
    machine.append(CALL, distinctBytes(2_000, 3));
    await comesTrue('the figures name it', () => /WRONGTYPE/.test(machine.replication.figures.error ?? ''));
    machine.append(OTHER, distinctBytes(2_000, 3));
    expect(await machine.replicated(OTHER)).toBe(true);
    await redis.client.del(`test:{${CALL}}:journal`);
    await isComplete();
  });
});

test('a machine starts without Redis, and replicates when it is there', async () => {
  await redis.kill();
  const late = await Machine.started(redis);
  await redis.start();
  await late.begin(CALL, distinctBytes(3_000, 7), 4);
  expect(await late.replicated(CALL)).toBe(true);
  expect(await late.downloaded(CALL)).toEqual(late.written(CALL));
  await late.end();
});
