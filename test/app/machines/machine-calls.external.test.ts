import { expect, test } from 'vitest';
import { MachineCalls } from '../../../src/app/machines/machine-calls.ts';
import { systemClock } from '../../../src/app/system-clock.ts';
import { CallClaims } from '../../../src/cluster/calls/call-claims.ts';
import { ReplicatedJournals } from '../../../src/cluster/journals/replicated-journals.ts';
import { RedisKeys } from '../../../src/cluster/keys.ts';
import { MachineDirectory } from '../../../src/cluster/machines/machine-directory.ts';
import { comesTrue } from '../../support/comes-true.ts';
import { connectedRedis } from '../../support/connected-redis.ts';
import { keptLog } from '../../support/kept-log.ts';

const CALL = 'CA1';
const KEYS = new RedisKeys('test');
const { log, lines } = keptLog();
const redis = connectedRedis();

/** A machine that has shown itself, and whose files of each call exist. */
async function machine(id: string) {
  const claims = new CallClaims(redis.client, KEYS, id);
  const directory = new MachineDirectory(redis.client, KEYS, { id, name: id }, (error) => {
    throw error;
  });
  await directory.beat(0);
  const calls = new MachineCalls({
    follower: {} as never,
    machine: id,
    claims,
    journals: new ReplicatedJournals({ client: redis.client, keys: KEYS, temporary: '' }),
    machines: directory,
    completed: { isFinished: () => Promise.resolve(true) },
    clock: systemClock,
    log,
  });
  return { claims, directory, calls };
}

async function taken(claims: CallClaims): Promise<void> {
  await claims.take(CALL, await claims.read(CALL));
}

test('a machine uploads its calls, and none that another one has taken', async () => {
  const [a, b] = [await machine('a'), await machine('b')];
  await taken(a.claims);
  expect(await a.calls.mayUpload(CALL, false)).toBe('upload');
  await taken(b.claims);
  expect(await a.calls.mayUpload(CALL, false)).toBe('taken');
  expect(await b.calls.mayUpload(CALL, false)).toBe('upload');
});

test('after its restart it waits until it is clear who has the call, and does not replace what another machine has stored', async () => {
  const [before, b] = [await machine('a'), await machine('b')];
  await taken(before.claims);
  const after = await machine('a, started again');
  expect(await after.calls.mayUpload(CALL, false)).toBe('later');
  await taken(b.claims);
  expect(await after.calls.mayUpload(CALL, false)).toBe('later');
  await b.claims.done(CALL);
  expect(await after.calls.mayUpload(CALL, false)).toBe('taken');
});

test('after its restart it uploads a call that no machine has', async () => {
  const before = await machine('a');
  await taken(before.claims);
  await before.directory.leave();
  const after = await machine('a, started again');
  expect(await after.calls.mayUpload(CALL, false)).toBe('upload');
  expect(await after.claims.isOurs(CALL)).toBe(true);
});

test('what has changed in a stored call is uploaded by the machine that has stored it', async () => {
  const a = await machine('a');
  await taken(a.claims);
  await a.claims.done(CALL);
  expect(await a.calls.mayUpload(CALL, true)).toBe('upload');
  expect(await a.calls.mayUpload('a call of yesterday', true)).toBe('upload');
});

test('while Redis does not answer nothing is uploaded', async () => {
  const a = await machine('a');
  await taken(a.claims);
  redis.server.pause();
  expect(await a.calls.mayUpload(CALL, false)).toBe('later');
  redis.server.goOn();
  await comesTrue('Redis answers', async () => (await a.calls.mayUpload(CALL, false)) === 'upload');
});

test('a call whose files are a job is left to whoever executes it', async () => {
  const [a, b] = [await machine('a'), await machine('b')];
  await taken(a.claims);
  const job = await a.claims.offer(CALL);
  expect(await b.calls.mayFinish(CALL)).toBe(false);
  expect(await b.calls.mayUpload(CALL, false)).toBe('later');
  expect(await b.calls.permit({ callSid: CALL, path: '', owner: 'a' })).toBe('later');
  expect(await b.claims.read(CALL)).toMatchObject({ owner: 'a', job });
});

test('a call is complete in Redis, and its journal is removed, although Redis failed when its files were', async () => {
  const a = await machine('a');
  await taken(a.claims);
  await redis.server.client.xadd(KEYS.journal(CALL), '*', 'at', '0', 'bytes', 'a record');
  await redis.server.client.config('SET', 'maxmemory', '1');
  a.calls.isComplete(CALL);
  await comesTrue('Redis refuses it', () => lines.some((line) => line.includes('OOM command not allowed')));
  expect(await a.claims.read(CALL)).toMatchObject({ isDone: false });
  await redis.server.client.config('SET', 'maxmemory', '0');
  await comesTrue('the call is complete', async () => (await a.claims.read(CALL))?.isDone ?? false);
  await comesTrue(
    'its journal is removed',
    async () => (await redis.server.client.exists(KEYS.journal(CALL))) === 0,
  );
  expect(a.claims.held).toEqual([]);
});
