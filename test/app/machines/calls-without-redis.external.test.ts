import { beforeAll, beforeEach, expect, test } from 'vitest';
import { ClusterOwnership } from '../../../src/app/machines/call-ownership.ts';
import { MachineCalls } from '../../../src/app/machines/machine-calls.ts';
import { CallClaims } from '../../../src/cluster/calls/call-claims.ts';
import { ReplicatedJournals } from '../../../src/cluster/journals/replicated-journals.ts';
import { RedisKeys } from '../../../src/cluster/keys.ts';
import { RedisOutage } from '../../../src/cluster/redis-outage.ts';
import type { Clock } from '../../../src/events/clock.ts';
import { keptLog } from '../../support/kept-log.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { connectedRedis } from '../../support/connected-redis.ts';

const CALL = 'CA0123456789abcdef0123456789abcdef';
const KEYS = new RedisKeys('test');
const { log } = keptLog();
const redis = connectedRedis();
let journals: ReplicatedJournals;
/** The machine that was asked before Redis failed. */
let first: CallClaims;
/** The machine to which the call came meanwhile. */
let second: CallClaims;

beforeAll(() => {
  journals = new ReplicatedJournals({ client: redis.client, keys: KEYS, temporary: '' });
});
beforeEach(() => {
  first = new CallClaims(redis.client, KEYS, 'first');
  second = new CallClaims(redis.client, KEYS, 'second');
});

const machines = { find: (id: string) => Promise.resolve(id === 'first' ? ({} as never) : undefined) };

/** The second machine, while the first one is alive. */
function ownership(): ClusterOwnership {
  return new ClusterOwnership({
    claims: second,
    machines,
    local: { isReplicated: (callSid: string) => journals.has(callSid) } as never,
    handOver: { lost: () => Promise.resolve() },
    outage: new RedisOutage('calls', log),
    log,
  });
}

function files(clock: Clock = new VirtualClock(0)): MachineCalls {
  return new MachineCalls({
    follower: {} as never,
    machine: 'second',
    claims: second,
    journals,
    machines,
    completed: { isFinished: () => Promise.resolve(false) },
    clock,
    log,
  });
}

test('a call that was only announced is not taken when Redis answers again', async () => {
  expect(await ownership().claimLate(CALL, 'ringing')).toBeUndefined();
  expect(await second.read(CALL)).toBeUndefined();
});

test('a call with a stream is taken from the machine that Twilio had asked before', async () => {
  await first.take(CALL, undefined);
  expect(await ownership().claimLate(CALL, 'live')).toBeUndefined();
  expect(await second.read(CALL)).toMatchObject({ owner: 'second' });
});

/** A part of the call's journal is in Redis. */
const recorded = (): Promise<unknown> =>
  redis.server.client.xadd(KEYS.journal(CALL), '*', 'at', '0', 'bytes', 'a record');

test('a call without a stream is left to the machine that has recorded a part of it', async () => {
  await first.take(CALL, undefined);
  await recorded();
  expect(await ownership().claimLate(CALL, 'between')).toBe('elsewhere');
  expect(await second.read(CALL)).toMatchObject({ owner: 'first' });
  expect(await ownership().claimLate('CA1', 'between')).toBeUndefined();
  expect(await second.read('CA1')).toMatchObject({ owner: 'second' });
});

test('a call without a stream is taken from a machine where it was only announced', async () => {
  await first.take(CALL, undefined);
  expect(await ownership().claimLate(CALL, 'between')).toBeUndefined();
  expect(await second.read(CALL)).toMatchObject({ owner: 'second' });
});

test('the files of a call that came and ended meanwhile are written, if its owner has nothing of it', async () => {
  await first.take(CALL, undefined);
  expect(await files().mayFinish(CALL)).toBe(true);
  expect(await first.isOurs(CALL)).toBe(false);
});

test('they are not written if the owner has recorded a part of the call', async () => {
  await first.take(CALL, undefined);
  await recorded();
  expect(await files().mayFinish(CALL)).toBe(false);
  expect(await first.isOurs(CALL)).toBe(true);
});

test('two machines never have the same fence, whatever Redis loses', async () => {
  const before = await first.take(CALL, undefined);
  await redis.server.client.flushall();
  await second.take(CALL, undefined);
  expect(second.fenceOf(CALL)).not.toBe(before);
  expect(await first.isOurs(CALL)).toBe(false);
  expect(await second.isOurs(CALL)).toBe(true);
});

test('files wait until the machine that took the call last may have said so, after Redis has lost it', async () => {
  await second.take(CALL, undefined);
  await first.take(CALL, await first.read(CALL));
  await redis.server.client.flushall();
  const waits: number[] = [];
  const clock = {
    now: () => 0,
    sleep: async (ms: number) => {
      waits.push(ms);
      await first.confirm(CALL);
    },
  };
  expect(await files(clock).mayFinish(CALL)).toBe(false);
  expect(waits).toEqual([3_000]);
  expect(await first.confirm(CALL)).toBe('ours');
});
