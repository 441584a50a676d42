import { expect, test } from 'vitest';
import { RedisKeys } from '../../../src/cluster/keys.ts';
import { MachineDirectory } from '../../../src/cluster/machines/machine-directory.ts';
import { connectedRedis } from '../../support/connected-redis.ts';

const redis = connectedRedis();

/** A machine, and what it noticed. */
function machine(id: string) {
  const directory = new MachineDirectory(
    redis.client,
    new RedisKeys('test'),
    { id, name: 'same name' },
    (error) => {
      throw error;
    },
  );
  const gone: string[] = [];
  directory.gone.subscribe((other) => gone.push(other.id));
  let unsure = 0;
  directory.unsure.subscribe(() => (unsure += 1));
  return { directory, gone, unsure: () => unsure };
}

test('machines see each other, also with the same name and clocks an hour apart', async () => {
  const [a, b] = [machine('a'), machine('b')];
  for (let second = 0; second < 20; second += 1) {
    await a.directory.beat(second * 1_000);
    await b.directory.beat(3_600_000 + second * 1_000);
  }
  expect(a.directory.others).toMatchObject([{ id: 'b', name: 'same name' }]);
  expect(b.directory.others).toMatchObject([{ id: 'a' }]);
  expect([...a.gone, ...b.gone]).toEqual([]);
  expect(a.directory.isAlive('b') && b.directory.isAlive('a')).toBe(true);
});

test('a machine that is silent for five seconds is gone, once, and comes back when it shows itself again', async () => {
  const [a, b] = [machine('a'), machine('b')];
  await b.directory.beat(0);
  // Its timer is a little early.
  for (let second = 0; second < 5; second += 1) await a.directory.beat(second * 1_000);
  expect(a.gone).toEqual([]);
  await a.directory.beat(4_990);
  expect(a.gone).toEqual(['b']);
  for (let second = 6; second < 10; second += 1) await a.directory.beat(second * 1_000);
  expect(a.gone).toEqual(['b']);
  expect(a.directory.isAlive('b')).toBe(false);
  await b.directory.beat(10_000);
  await a.directory.beat(10_000);
  expect(a.directory.isAlive('b')).toBe(true);
  expect(b.unsure()).toBe(1);
});

test('while Redis does not answer nobody is gone, nor right after that', async () => {
  const [a, b] = [machine('a'), machine('b')];
  await b.directory.beat(0);
  await a.directory.beat(0);
  await a.directory.beat(60_000);
  for (let second = 60; second < 65; second += 1) await a.directory.beat(second * 1_000);
  expect(a.gone).toEqual([]);
  await a.directory.beat(65_000);
  expect(a.gone).toEqual(['b']);
});

test('a machine learns that Redis has lost what it knew', async () => {
  const a = machine('a');
  await a.directory.beat(0);
  await a.directory.beat(1_000);
  expect(a.unsure()).toBe(0);
  await redis.server.client.flushall();
  await a.directory.beat(2_000);
  expect(a.unsure()).toBe(1);
});

test('a machine that leaves is nobody’s loss', async () => {
  const [a, b] = [machine('a'), machine('b')];
  await b.directory.beat(0);
  await a.directory.beat(0);
  await b.directory.leave();
  for (let second = 1; second < 10; second += 1) await a.directory.beat(second * 1_000);
  expect(a.gone).toEqual([]);
  expect(a.directory.others).toEqual([]);
});
