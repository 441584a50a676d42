import { beforeEach, expect, test } from 'vitest';
import { CallClaims } from '../../../src/cluster/calls/call-claims.ts';
import { RedisKeys } from '../../../src/cluster/keys.ts';
import { connectedRedis } from '../../support/connected-redis.ts';

const CALL = 'CA0123456789abcdef0123456789abcdef';
const keys = new RedisKeys('test');
const redis = connectedRedis();
let a: CallClaims;
let b: CallClaims;

beforeEach(() => {
  a = new CallClaims(redis.client, keys, 'a');
  b = new CallClaims(redis.client, keys, 'b');
});

test('a call has one machine, however many take it at once', async () => {
  const taken = await Promise.all([a, b, a, b].map((claims) => claims.take(CALL, undefined)));
  const [fence, ...others] = taken.filter((each) => each !== undefined);
  expect(others).toEqual([]);
  expect(await a.read(CALL)).toMatchObject({ fence, isDone: false });
});

test('changes hands with a new fence, and only as it was read', async () => {
  const first = (await a.take(CALL, undefined))!;
  const read = (await b.read(CALL))!;
  expect(await b.take(CALL, { ...read, owner: undefined })).toBeUndefined();
  expect(await b.take(CALL, read)).toBe(first + 1);
  expect(await b.take(CALL, read)).toBeUndefined();
  expect(await a.isOurs(CALL)).toBe(false);
  expect(await b.isOurs(CALL)).toBe(true);
  expect([await a.callsOf('a'), await a.callsOf('b')]).toEqual([[], [CALL]]);
});

test('is released and done by its machine alone', async () => {
  const first = (await a.take(CALL, undefined))!;
  await b.take(CALL, await b.read(CALL));
  await a.release(CALL);
  expect(await b.read(CALL)).toEqual({ owner: 'b', fence: first + 1, isDone: false });
  await b.release(CALL);
  expect(await b.read(CALL)).toEqual({ owner: undefined, fence: first + 1, isDone: false });
  expect(await a.take(CALL, await a.read(CALL))).toBe(first + 2);
  await a.done(CALL);
  const done = (await b.read(CALL))!;
  expect(done).toMatchObject({ owner: 'a', fence: first + 2, isDone: true });
  expect(await b.take(CALL, done)).toBeUndefined();
  expect(await a.callsOf('a')).toEqual([]);
  expect(a.fenceOf(CALL)).toBeUndefined();
});

test('is written again by its machine after Redis has lost it, unless another one took it meanwhile', async () => {
  const first = await a.take(CALL, undefined);
  await redis.server.client.flushall();
  expect(await a.isOurs(CALL)).toBe(true);
  expect(await b.read(CALL)).toEqual({ owner: 'a', fence: first, isDone: false });
  expect(await b.callsOf('a')).toEqual([CALL]);
  await redis.server.client.flushall();
  await b.take(CALL, await b.read(CALL));
  expect(await a.isOurs(CALL)).toBe(false);
  expect(await b.isOurs(CALL)).toBe(true);
});

test('belongs to the machine that took it last, in whatever order machines write what Redis has lost', async () => {
  await a.take(CALL, undefined);
  await b.take(CALL, await b.read(CALL));
  await redis.server.client.flushall();
  expect(await a.confirm(CALL)).toBe('restored');
  expect(await a.confirm(CALL)).toBe('ours');
  await redis.server.client.xadd(keys.journal(CALL), '*', 'bytes', 'of a');
  expect(await b.confirm(CALL)).toBe('restored');
  expect(await redis.server.client.exists(keys.journal(CALL))).toBe(0);
  expect(await a.confirm(CALL)).toBe('lost');
  expect(await b.read(CALL)).toMatchObject({ owner: 'b' });
});

test('is complete for a machine that hung while Redis lost its data', async () => {
  await a.take(CALL, undefined);
  await b.take(CALL, await b.read(CALL));
  await b.done(CALL);
  await redis.server.client.flushall();
  await b.restoreDone();
  expect(await a.isOurs(CALL)).toBe(false);
  expect(await a.read(CALL)).toMatchObject({ owner: 'b', isDone: true });
});

test('is dropped by its machine alone', async () => {
  const first = (await a.take(CALL, undefined))!;
  await b.take(CALL, await b.read(CALL));
  await a.drop(CALL);
  expect(await b.read(CALL)).toMatchObject({ owner: 'b', fence: first + 1 });
  await b.drop(CALL);
  expect(await b.read(CALL)).toBeUndefined();
  expect([await a.callsOf('a'), await a.callsOf('b'), a.held, b.held]).toEqual([[], [], [], []]);
});

test('of a call that has ended are taken for its job by whoever executes it, and end the job when taken otherwise', async () => {
  expect(await a.offer(CALL)).toBeUndefined();
  const first = (await a.take(CALL, undefined))!;
  const before = (await b.read(CALL))!;
  expect(await b.takeJob(CALL, before)).toBeUndefined();
  expect(await a.offer(CALL)).toBe(first);
  const offered = (await b.read(CALL))!;
  expect(offered).toEqual({ owner: 'a', fence: first, isDone: false, job: first });
  expect(await b.takeJob(CALL, offered)).toBe(first + 1);
  // The first process is gone; another one executes the same job.
  expect(await a.takeJob(CALL, (await a.read(CALL))!)).toBe(first + 2);
  expect(await a.read(CALL)).toMatchObject({ owner: 'a', fence: first + 2, job: first });
  expect(await b.isOurs(CALL)).toBe(false);
  const read = (await b.read(CALL))!;
  expect(await b.take(CALL, read)).toBe(first + 3);
  expect(await b.read(CALL)).toEqual({ owner: 'b', fence: first + 3, isDone: false });
  expect(await a.takeJob(CALL, { ...read, owner: 'b', fence: first + 3 })).toBeUndefined();
});

test('that a machine takes again from itself stay its own', async () => {
  const first = (await a.take(CALL, undefined))!;
  await a.offer(CALL);
  expect(await a.take(CALL, await a.read(CALL))).toBe(first + 1);
  expect(await a.callsOf('a')).toEqual([CALL]);
  expect(await a.read(CALL)).toEqual({ owner: 'a', fence: first + 1, isDone: false });
});

test('of a job that cannot be executed go back to the machine that had the call', async () => {
  const first = (await a.take(CALL, undefined))!;
  await a.offer(CALL);
  await b.takeJob(CALL, (await b.read(CALL))!);
  await a.withdraw(CALL);
  expect(await b.read(CALL)).toMatchObject({ owner: 'b', job: first });
  await b.withdraw(CALL);
  expect(await b.read(CALL)).toEqual({ owner: undefined, fence: first + 1, isDone: false });
  expect(await b.callsOf('b')).toEqual([]);
  expect(await a.take(CALL, await a.read(CALL))).toBe(first + 2);
});

const DAY_SECONDS = 86_400;
const keptSeconds = (): Promise<number> => redis.server.client.ttl(keys.call(CALL));

test('that is complete is known for a day, and if it has changed hands as long as a journal of it may be elsewhere', async () => {
  await a.take(CALL, undefined);
  await a.done(CALL);
  expect(await keptSeconds()).toBeLessThanOrEqual(DAY_SECONDS);
  await redis.server.client.flushall();
  await a.take(CALL, undefined);
  await b.take(CALL, await b.read(CALL));
  await b.done(CALL);
  expect(await keptSeconds()).toBeGreaterThan(30 * DAY_SECONDS);
  expect(await a.read(CALL)).toMatchObject({ owner: 'b', isDone: true });
});

test('that was complete before Redis lost its data is known as long as a journal of it may be elsewhere', async () => {
  await a.take(CALL, undefined);
  await b.take(CALL, await b.read(CALL));
  await b.done(CALL);
  await redis.server.client.flushall();
  await b.restoreDone();
  expect(await keptSeconds()).toBeGreaterThan(30 * DAY_SECONDS);
});

test('that Redis had lost while it went on elsewhere is known as long, too', async () => {
  await a.take(CALL, undefined);
  await b.take(CALL, await b.read(CALL));
  await redis.server.client.flushall();
  expect(await b.confirm(CALL)).toBe('restored');
  await b.done(CALL);
  expect(await keptSeconds()).toBeGreaterThan(30 * DAY_SECONDS);
});
