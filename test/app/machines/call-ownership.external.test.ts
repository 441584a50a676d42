import { expect, test } from 'vitest';
import { ClusterOwnership } from '../../../src/app/machines/call-ownership.ts';
import { CallClaims } from '../../../src/cluster/calls/call-claims.ts';
import { RedisKeys } from '../../../src/cluster/keys.ts';
import { MachineDirectory } from '../../../src/cluster/machines/machine-directory.ts';
import { RedisOutage } from '../../../src/cluster/redis-outage.ts';
import { createLog } from '../../../src/log.ts';
import { connectedRedis } from '../../support/connected-redis.ts';

const CALL = 'CA1';
const KEYS = new RedisKeys('test');
const log = createLog({ level: 'silent' });
const redis = connectedRedis();

/** A machine of which other machines find nothing but its claims and its entry in the directory. `answers`: whether it gives a call away. */
function machine(id: string, answers: (asked: string) => 'released' | 'live' | 'silent' = () => 'live') {
  const claims = new CallClaims(redis.client, KEYS, id);
  const directory = new MachineDirectory(redis.client, KEYS, { id, name: id }, (error) => {
    throw error;
  });
  const lost: string[] = [];
  const joined: string[] = [];
  const ownership = new ClusterOwnership({
    claims,
    log,
    outage: new RedisOutage('calls of several machines', log),
    machines: {
      find: async (other: string) => {
        const found = await directory.find(other);
        return (
          found && { machine: found, release: () => released(answers(other)), completed: () => undefined }
        );
      },
    } as never,
    local: {
      has: () => false,
      hasJournal: () => false,
      isRecorded: () => false,
      acquire: () => undefined,
      join: (callSid: string) => {
        joined.push(callSid);
        return Promise.resolve('joined');
      },
    } as never,
    handOver: {
      lost: (callSid) => {
        lost.push(callSid);
        claims.lost(callSid);
        return Promise.resolve();
      },
    },
  });
  return { claims, directory, ownership, lost, joined };
}

function released(answer: 'released' | 'live' | 'silent'): Promise<string> {
  return answer === 'silent' ? Promise.reject(new Error('no answer')) : Promise.resolve(answer);
}

test('a machine that has not looked at the others yet leaves a call to the one that has it', async () => {
  const a = machine('a');
  await a.directory.beat(0);
  expect(await a.ownership.acquire(CALL, 'ring')).toBe(true);
  const b = machine('b');
  expect(b.directory.others).toEqual([]);
  expect(await b.ownership.acquire(CALL, 'stream')).toBe(false);
  expect(await a.claims.isOurs(CALL)).toBe(true);
});

test('a call of a machine that has never shown itself, or has left, is taken', async () => {
  const a = machine('a');
  await a.directory.beat(0);
  await a.ownership.acquire(CALL, 'ring');
  await a.directory.leave();
  const b = machine('b');
  await b.directory.beat(0);
  expect(await b.ownership.acquire(CALL, 'stream')).toBe(true);
  expect(b.joined).toEqual([CALL]);
});

test('a machine whose call was taken while it did not answer notices that at the next request', async () => {
  const a = machine('a', () => 'released');
  const b = machine('b', () => 'silent');
  await a.directory.beat(0);
  await b.directory.beat(0);
  await a.ownership.acquire(CALL, 'ring');
  expect(await b.ownership.acquire(CALL, 'stream')).toBe(true);
  // It believes to have the call.
  expect(a.claims.fenceOf(CALL)).toBeDefined();
  expect(await a.ownership.acquire(CALL, 'continues')).toBe(true);
  expect(a.lost).toEqual([CALL]);
  expect(a.joined).toEqual([CALL]);
  expect(await a.claims.isOurs(CALL)).toBe(true);
});

test('a machine inherits a call that it had announced, and that was taken from it', async () => {
  const a = machine('a');
  const b = machine('b', () => 'silent');
  await a.directory.beat(0);
  await b.directory.beat(0);
  await a.ownership.acquire(CALL, 'ring');
  await b.ownership.acquire(CALL, 'stream');
  expect(await a.ownership.inherit(CALL, 'b')).toBe(true);
  expect(a.joined).toEqual([CALL]);
});
