import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { RedisKeys } from '../../../src/cluster/keys.ts';
import { MOST_TASKS, RedisTasks } from '../../../src/cluster/tasks/redis-tasks.ts';
import { sidOf } from '../../support/catalogued-calls.ts';
import { type RedisServer, startedRedis } from '../../support/redis-server.ts';

const HOLD = { kind: 'hold', hold: { sinceMs: 1, reason: 'court' } } as const;
const RELEASE = { kind: 'hold' } as const;
const ERASE = { kind: 'erase' } as const;
const CALL = sidOf(1);

let redis: RedisServer;
let tasks: RedisTasks;

beforeAll(async () => {
  redis = await startedRedis();
  tasks = new RedisTasks(redis.client, new RedisKeys('test'));
});
afterAll(() => redis.end());
beforeEach(async () => {
  await redis.client.flushall();
});

const place = async (task: Parameters<RedisTasks['place']>[0]['task'], callSid = CALL, to = ['a', 'b']) => {
  const number = await tasks.place({ callSid, task }, to);
  return { callSid, number, task };
};

test('directories are known until no machine has used them for 90 days', async () => {
  await tasks.register({ id: 'a', machine: 'm1', name: 'first machine' });
  await tasks.register({ id: 'b', machine: 'm2', name: 'B' });
  await redis.client.hset('test:{tasks}:directories', 'old', `${Date.now() - 91 * 86_400_000} m3 C`);
  const found = await tasks.directories();
  expect(found.sort((one, other) => one.id.localeCompare(other.id))).toMatchObject([
    { id: 'a', machine: 'm1', name: 'first machine' },
    { id: 'b', machine: 'm2', name: 'B' },
  ]);
  expect([...(await tasks.forgotten())]).toEqual(['old']);
});

test('a directory that was forgotten has no tasks and gets none until a machine uses it again', async () => {
  await tasks.register({ id: 'a', machine: 'm1', name: 'A' });
  await place(ERASE, CALL, ['a']);
  const [read] = await tasks.directories();
  expect(await tasks.forget(read!)).toBe(true);
  expect(await tasks.directories()).toEqual([]);
  expect([...(await tasks.forgotten())]).toEqual(['a']);
  expect(await tasks.waiting('a')).toEqual([]);
  await tasks.register({ id: 'a', machine: 'm2', name: 'A' });
  expect([...(await tasks.forgotten())]).toEqual([]);
  expect(await tasks.directories()).toMatchObject([{ id: 'a', machine: 'm2', name: 'A' }]);
});

test('a directory that a machine has used since it was read is not forgotten', async () => {
  await tasks.register({ id: 'a', machine: 'm1', name: 'A' });
  const [read] = await tasks.directories();
  await place(ERASE, CALL, ['a']);
  await tasks.register({ id: 'a', machine: 'm2', name: 'A' });
  expect(await tasks.forget(read!)).toBe(false);
  expect(await tasks.waiting('a')).toHaveLength(1);
});

test('a task waits in each directory until it is done there', async () => {
  const task = await place(ERASE);
  expect(await tasks.waiting('a')).toEqual([task]);
  await tasks.complete('a', task, 'done');
  expect(await tasks.waiting('a')).toEqual([]);
  expect(await tasks.stateOf('a', task)).toBe('done');
  expect(await tasks.stateOf('b', task)).toBe('waiting');
});

test('of several tasks about a call the last one counts, also if an earlier one is placed again', async () => {
  const held = await place(HOLD);
  const released = await place(RELEASE);
  expect(await tasks.waiting('a')).toEqual([released]);
  expect(await tasks.stateOf('a', held)).toBe('superseded');
  await tasks.complete('a', held, 'done');
  await tasks.place(held, ['a', 'b']);
  expect(await tasks.waiting('a')).toEqual([released]);
  await tasks.complete('a', released, 'done');
  await tasks.place(held, ['a']);
  expect(await tasks.waiting('a')).toEqual([]);
});

test('a hold does not replace an erasure that waits; a second erasure does', async () => {
  const erasure = await place(ERASE);
  const held = await place(HOLD);
  expect(await tasks.waiting('a')).toEqual([erasure]);
  expect(await tasks.stateOf('a', held)).toBe('superseded');
  const again = await place(ERASE);
  expect(await tasks.waiting('a')).toEqual([again]);
});

test('tasks are in the order of their numbers, whatever the clocks of machines say', async () => {
  const placed = [await place(ERASE, sidOf(3)), await place(ERASE, sidOf(2)), await place(HOLD, sidOf(9))];
  expect(await tasks.waiting('b')).toEqual(placed);
});

test('a full list takes nothing more, and says so by the state of the task', async () => {
  const entries = Array.from({ length: MOST_TASKS }, (_, each) => [
    sidOf(each + 10),
    '1 waiting {"kind":"erase"}',
  ]);
  await redis.client.hset('test:{tasks}:of:a', ...entries.flat());
  const task = await place(ERASE);
  expect(await tasks.stateOf('a', task)).toBe('absent');
  expect(await tasks.stateOf('b', task)).toBe('waiting');
});

test('results are removed some time after they were written, and entries of later versions stay', async () => {
  const minutesAgo = (minutes: number): string => String(Date.now() - minutes * 60_000);
  const entries = {
    [sidOf(1)]: `1 done erase ${minutesAgo(11)}`,
    [sidOf(2)]: `1 done erase ${minutesAgo(9)}`,
    [sidOf(3)]: `1 held hold ${minutesAgo(11)}`,
    [sidOf(4)]: `1 done hold ${minutesAgo(25 * 60)}`,
    [sidOf(5)]: 'something else',
  };
  await redis.client.hset('test:{tasks}:of:a', entries);
  expect(await tasks.waiting('a')).toEqual([]);
  expect((await redis.client.hkeys('test:{tasks}:of:a')).sort()).toEqual([2, 3, 5].map(sidOf));
});
