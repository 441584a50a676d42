import { expect, test } from 'vitest';
import { seeded } from '../../../bench/cluster/random.ts';
import { SimulatedRedis } from '../../../bench/cluster/simulated-redis.ts';
import { VirtualTime } from '../../../bench/cluster/virtual-time.ts';
import { CallClaims } from '../../../src/cluster/calls/call-claims.ts';
import { RedisKeys } from '../../../src/cluster/keys.ts';
import { MachineDirectory } from '../../../src/cluster/machines/machine-directory.ts';
import type { RedisClient } from '../../../src/cluster/redis-connection.ts';
import { connectedRedis } from '../../support/connected-redis.ts';

const MACHINES = ['a', 'b', 'c'] as const;
const CALLS = ['CA1', 'CA2'] as const;
const STEPS = 2_000;
const redis = connectedRedis();

/** The same random steps of claims and directories; all their results. */
async function results(on: RedisClient, flush: () => Promise<unknown>): Promise<unknown[]> {
  const random = seeded(7);
  const one = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)]!;
  const keys = new RedisKeys('double');
  const log: unknown[] = [];
  const machines = MACHINES.map((id) => ({
    claims: new CallClaims(on, keys, id),
    directory: new MachineDirectory(on, keys, { id, name: `machine ${id}` }, (error) => log.push(error)),
  }));
  for (const { directory } of machines) {
    directory.gone.subscribe(({ id }) => log.push(`gone ${id}`));
    directory.unsure.subscribe(() => log.push('unsure'));
  }
  const steps = [
    async (): Promise<unknown> => {
      const { claims } = one(machines);
      const callSid = one(CALLS);
      const before = await claims.read(callSid);
      const fence = await claims.take(callSid, before);
      // The first fence is the time of the server.
      return fence === undefined ? undefined : fence - (before?.fence ?? fence);
    },
    () => one(machines).claims.take(one(CALLS), { owner: one(MACHINES), fence: 1, isDone: false }),
    () => one(machines).claims.release(one(CALLS)),
    () => one(machines).claims.isOurs(one(CALLS)),
    () => one(machines).claims.restoreDone(),
    async () => {
      const claim = await one(machines).claims.read(one(CALLS));
      return claim && { owner: claim.owner, isDone: claim.isDone };
    },
    async () => (await one(machines).directory.find(one(MACHINES)))?.name,
    async () => (await one(machines).claims.callsOf(one(MACHINES))).sort(),
    () => one(machines).claims.strike(one(MACHINES), one(CALLS)),
    () => Promise.resolve(one(machines).claims.lost(one(CALLS))),
    () => (random() < 0.1 ? one(machines).claims.done(one(CALLS)) : Promise.resolve('nothing')),
    () => (random() < 0.2 ? one(machines).directory.leave() : Promise.resolve('nothing')),
    () => (random() < 0.2 ? one(machines).directory.strike(one(MACHINES)) : Promise.resolve('nothing')),
    () => (random() < 0.2 ? flush().then(() => 'flushed') : Promise.resolve('nothing')),
  ];
  for (let step = 0; step < STEPS; step += 1) {
    log.push(await one(steps)());
    const { directory } = one(machines);
    await directory.beat(step * 400);
    log.push(directory.others.map(({ id }) => id).sort());
  }
  return log;
}

test('the double of the simulation answers claims and directories of machines as Redis does', async () => {
  const time = new VirtualTime();
  const double = new SimulatedRedis(time);
  const end = { isReachable: true, deliver: (run: () => void) => run() };
  let isOver = false;
  const simulated = results(double.client(end), () => Promise.resolve(double.data.flush())).finally(
    () => (isOver = true),
  );
  while (!isOver) await time.run(time.now() + 1_000);
  const [expected, actual] = [
    await results(redis.client, () => redis.server.client.flushall()),
    await simulated,
  ];
  expect(expected).toContain('unsure');
  expect(expected.filter((result) => typeof result === 'number').length).toBeGreaterThan(20);
  expect(actual).toEqual(expected);
});
