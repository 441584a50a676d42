import { expect, test } from 'vitest';
import { ClusterOwnership } from '../../../src/app/machines/call-ownership.ts';
import { CallClaims } from '../../../src/cluster/calls/call-claims.ts';
import { RedisKeys } from '../../../src/cluster/keys.ts';
import { MachineDirectory } from '../../../src/cluster/machines/machine-directory.ts';
import { RedisOutage } from '../../../src/cluster/redis-outage.ts';
import { DiskError } from '../../../src/storage/failure-kind.ts';
import { comesTrue } from '../../support/comes-true.ts';
import { connectedRedis } from '../../support/connected-redis.ts';
import { keptLog } from '../../support/kept-log.ts';

const CALL = 'CA1';
const KEYS = new RedisKeys('test');
const redis = connectedRedis();

/** A machine of which other machines find nothing but its claims and its entry in the directory. `answers`: whether it gives a call away. */
function machine(id: string, answers: (asked: string) => 'released' | 'live' | 'silent' = () => 'live') {
  const claims = new CallClaims(redis.client, KEYS, id);
  const directory = new MachineDirectory(redis.client, KEYS, { id, name: id }, (error) => {
    throw error;
  });
  const kept = keptLog();
  const outage = new RedisOutage('calls of several machines', kept.log);
  const failures: Error[] = [];
  const lost: string[] = [];
  const joined: string[] = [];
  const ownership = new ClusterOwnership({
    claims,
    log: kept.log,
    outage,
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
        const failure = failures.shift();
        if (failure) return Promise.reject(failure);
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
  return { claims, directory, ownership, outage, lines: kept.lines, failures, lost, joined };
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

/** A machine that is asked for a call of one that has left, and whose next attempts to read the journal fail. */
async function heir(...failures: readonly Error[]) {
  const a = machine('a');
  await a.directory.beat(0);
  await a.ownership.acquire(CALL, 'ring');
  await a.directory.leave();
  const b = machine('b');
  b.failures.push(...failures);
  return b;
}

const diskFails = (): DiskError => new DiskError('the disk failed', { cause: new Error('EIO: i/o error') });

test('a call goes on, without what was said before, if the disk does not take its journal', async () => {
  const b = await heir(diskFails());
  expect(await b.ownership.acquire(CALL, 'continues')).toBe(true);
  expect(b.ownership.beginsAnew(CALL)).toBe(true);
  expect(b.outage.problem).toBeUndefined();
  const [line] = b.lines.filter((each) => each.includes('disk'));
  expect(line).toContain('EIO: i/o error');
  expect(line).toContain(CALL);
});

test('a call of a lost machine that the disk did not take is joined later', async () => {
  const b = await heir(diskFails(), diskFails());
  expect(await b.ownership.inherit(CALL, 'a')).toBe(false);
  for (const joined of [[], [CALL], [CALL]]) {
    await b.ownership.dropUnused();
    expect(b.joined).toEqual(joined);
  }
  expect(b.ownership.beginsAnew(CALL)).toBe(false);
});

test('a call whose journal the disk did not take is joined when Twilio asks for it', async () => {
  const b = await heir(diskFails());
  expect(await b.ownership.inherit(CALL, 'a')).toBe(false);
  expect(await b.ownership.acquire(CALL, 'continues')).toBe(true);
  expect(b.joined).toEqual([CALL]);
  expect(b.ownership.beginsAnew(CALL)).toBe(false);
});

test('a caller who comes back while the disk fails for a lost machine gets an answer at once', async () => {
  const b = await heir(diskFails(), diskFails());
  const inherited = b.ownership.inherit(CALL, 'a');
  await comesTrue('the machine takes the call', () => b.claims.fenceOf(CALL) !== undefined);
  expect(await b.ownership.acquire(CALL, 'continues')).toBe(true);
  expect(await inherited).toBe(false);
  expect(b.ownership.beginsAnew(CALL)).toBe(true);
});

test('a programming error while a call is taken is thrown, and is no outage of Redis', async () => {
  const b = await heir(new TypeError('x is not a function'));
  await expect(b.ownership.acquire(CALL, 'continues')).rejects.toThrow('x is not a function');
  expect(b.outage.problem).toBeUndefined();
});

test('any other failure is an outage of Redis', async () => {
  const b = await heir(new Error('Command timed out'));
  expect(await b.ownership.acquire(CALL, 'continues')).toBe(true);
  expect(b.outage.problem).toContain('it does not answer in time');
});
