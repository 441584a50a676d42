import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { comesTrue } from '../../support/comes-true.ts';
import { type RedisServer, startedRedis } from '../../support/redis-server.ts';
import { callSidOf, contentOf, distinctBytes, KEYS, Machine } from './replicated-call.ts';

const CALL = callSidOf(1);
const OTHER = callSidOf(2);
const LONG_BYTES = 32 * 1024 * 1024;

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

describe('the journal of a live call', () => {
  test('is in Redis as it is in the file', async () => {
    await machine.begin(CALL, distinctBytes(8, 0));
    for (let round = 1; round <= 20; round += 1) {
      machine.append(CALL, distinctBytes(2_000, round));
      if (round % 5 === 0) expect(await machine.replicated(CALL)).toBe(true);
    }
    expect(await machine.downloaded(CALL)).toBe(machine.written(CALL));
    expect(machine.replication.figures).toMatchObject({ calls: 1, error: undefined });
  });

  test('is sent without news of its file', async () => {
    await machine.begin(CALL, distinctBytes(10_000, 1));
    await comesTrue('the journal is in Redis', async () => {
      const downloaded = await machine.downloaded(CALL);
      return downloaded.startsWith('10000 bytes');
    });
  });

  test('is never mixed with that of another call', async () => {
    const calls = Array.from({ length: 100 }, (_, number) => callSidOf(number + 10));
    await Promise.all(calls.map((callSid) => machine.begin(callSid)));
    for (let round = 0; round < 10; round += 1)
      for (const [number, callSid] of calls.entries())
        machine.append(callSid, distinctBytes(500 + 37 * number, number + round * 101));
    for (const callSid of calls) expect(await machine.replicated(callSid)).toBe(true);
    for (const callSid of calls) expect(await machine.downloaded(callSid)).toEqual(machine.written(callSid));
  });

  test('waits for no long journal of another call', async () => {
    await machine.begin(CALL, distinctBytes(LONG_BYTES, 1));
    await machine.begin(OTHER, distinctBytes(2_000, 2));
    const order: string[] = [];
    await Promise.all([
      machine.replicated(CALL).then(() => order.push('long')),
      machine.replicated(OTHER).then(() => order.push('short')),
    ]);
    expect(order).toEqual(['short', 'long']);
    expect(await machine.downloaded(CALL)).toBe(machine.written(CALL));
  });

  test('is not sent any more when it ends, and stays', async () => {
    await machine.begin(CALL, distinctBytes(3_000, 1));
    await machine.replicated(CALL);
    machine.replication.ends(CALL);
    machine.append(CALL, distinctBytes(3_000, 2));
    expect(await machine.replicated(CALL)).toBe(false);
    expect(machine.replication.figures.calls).toBe(0);
    expect(await machine.downloaded(CALL)).toBe(contentOf(distinctBytes(3_000, 1)));
  });

  test('does not outlive its use for ever', async () => {
    await machine.begin(CALL, distinctBytes(3_000, 1));
    await machine.replicated(CALL);
    expect(await redis.client.ttl(KEYS.journal(CALL))).toBeGreaterThan(30 * 86_400);
  });
});

describe('a call that changes hands', () => {
  test('is not written by the machine that had it', async () => {
    await machine.begin(CALL, distinctBytes(3_000, 1));
    await machine.replicated(CALL);
    await machine.lease(CALL, 2);
    machine.append(CALL, distinctBytes(3_000, 2));
    await comesTrue('the machine notices it', () => machine.fenced.includes(CALL));
    expect(await machine.downloaded(CALL)).toBe(contentOf(distinctBytes(3_000, 1)));
    expect(machine.replication.figures.calls).toBe(0);
  });

  test('waits while Redis has an older claim, which a machine wrote that did not know better, and is whole then', async () => {
    await machine.begin(CALL, distinctBytes(3_000, 1), 2);
    await machine.replicated(CALL);
    await redis.client.flushall();
    await machine.lease(CALL, 1);
    machine.append(CALL, distinctBytes(3_000, 2));
    await comesTrue('the reason is known', () => machine.replication.figures.error !== undefined);
    expect(machine.fenced).toEqual([]);
    await machine.lease(CALL, 2);
    expect(await machine.replicated(CALL)).toBe(true);
    expect(await machine.downloaded(CALL)).toBe(machine.written(CALL));
  });

  test('goes on where the last complete record ended', async () => {
    const whole = distinctBytes(5_000, 1);
    await machine.begin(CALL, Buffer.concat([whole, distinctBytes(300, 9)]));
    await machine.replicated(CALL);
    const next = await Machine.started(redis);
    await next.lease(CALL, 2);
    // As the journal's writer does: the incomplete record is cut off.
    next.append(CALL, whole);
    next.replication.begins({ callSid: CALL, path: next.pathOf(CALL), fence: 2, offset: whole.length });
    next.append(CALL, distinctBytes(4_000, 3));
    expect(await next.replicated(CALL)).toBe(true);
    expect(await next.downloaded(CALL)).toEqual(next.written(CALL));
    await next.end();
  });

  test('goes on from what Redis has when its own machine takes it again', async () => {
    await machine.begin(CALL, distinctBytes(5_000, 1));
    await machine.replicated(CALL);
    machine.replication.ends(CALL);
    machine.append(CALL, distinctBytes(2_000, 2));
    await machine.lease(CALL, 2);
    const offset = 7_000;
    machine.replication.begins({ callSid: CALL, path: machine.pathOf(CALL), fence: 2, offset });
    machine.append(CALL, distinctBytes(1_000, 3));
    expect(await machine.replicated(CALL)).toBe(true);
    expect(await machine.downloaded(CALL)).toBe(machine.written(CALL));
  });

  test('goes on with a new fence while it is replicated', async () => {
    await machine.begin(CALL, distinctBytes(5_000, 1));
    await machine.replicated(CALL);
    await machine.lease(CALL, 2);
    machine.replication.begins({ callSid: CALL, path: machine.pathOf(CALL), fence: 2, offset: 0 });
    machine.append(CALL, distinctBytes(1_000, 3));
    expect(await machine.replicated(CALL)).toBe(true);
    expect(await machine.downloaded(CALL)).toBe(machine.written(CALL));
    // Nothing was sent again.
    expect(await redis.client.xlen(KEYS.journal(CALL))).toBe(2);
  });
});

describe('a thread that fails', () => {
  test('is replaced, and the calls go on', async () => {
    await machine.begin(CALL, distinctBytes(5_000, 1));
    const wrong = { callSid: OTHER, path: machine.pathOf(CALL), fence: 1, offset: 0n as unknown as number };
    await machine.lease(OTHER, 1);
    machine.replication.begins(wrong);
    await comesTrue('the thread has failed', () =>
      machine.logged.some((line) => line.includes('replication thread failed')),
    );
    expect(machine.replication.figures.error).toContain('TypeError');
    machine.replication.ends(OTHER);
    machine.append(CALL, distinctBytes(1_000, 3));
    await comesTrue('the journal is in Redis', async () => {
      const downloaded = await machine.downloaded(CALL);
      return downloaded.startsWith('6000 bytes');
    });
    expect(await machine.downloaded(CALL)).toBe(machine.written(CALL));
  });
});
