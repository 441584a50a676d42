import fc from 'fast-check';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startedRedis } from '../../support/redis-server.ts';
import { callSidOf, distinctBytes, Machine } from './replicated-call.ts';

const CALLS = [callSidOf(1), callSidOf(2), callSidOf(3)] as const;

/** What happens to a call, or to Redis. */
const event = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      bytes: fc.integer({ min: 1, max: 150_000 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('hand-over' as const), torn: fc.integer({ min: 0, max: 400 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('replicated', 'flush', 'restart', 'pause') }) },
);
const step = fc.tuple(fc.constantFrom(...CALLS), event);

let redis: RedisServer;

beforeAll(async () => {
  redis = await startedRedis();
});

afterAll(() => redis.end());

/** Calls that change hands, and the machines that had them. */
class Scene {
  readonly machines: Machine[] = [];
  readonly #owners = new Map<string, { readonly machine: Machine; readonly fence: number }>();
  #seed = 0;

  async begin(): Promise<void> {
    const machine = await this.#machine();
    for (const callSid of CALLS) {
      await machine.begin(callSid, distinctBytes(8, 0));
      this.#owners.set(callSid, { machine, fence: 1 });
    }
  }

  /** Machines that had the call before go on writing to their own files. */
  append(callSid: string, bytes: number): void {
    for (const machine of this.machines)
      if (machine.has(callSid)) machine.append(callSid, distinctBytes(bytes, (this.#seed += 1)));
  }

  /** Another machine goes on with what Redis has, up to an incomplete record. */
  async handOver(callSid: string, torn: number): Promise<void> {
    const former = this.#owners.get(callSid)!;
    const machine = await this.#machine();
    const fence = former.fence + 1;
    await machine.lease(callSid, fence);
    const path = machine.pathOf(callSid);
    // Redis has lost the call, and its machine has not sent it again: that machine takes it back.
    if ((await machine.journals.download(callSid, path)) === 'absent')
      return this.#takeBack(callSid, former.machine, fence + 1);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, Math.max(1, bytes.length - torn)));
    const offset = Math.max(1, bytes.length - torn);
    machine.replication.begins({ callSid, path, fence, offset });
    this.#owners.set(callSid, { machine, fence });
  }

  async restoreLeases(): Promise<void> {
    for (const [callSid, { machine, fence }] of this.#owners) await machine.lease(callSid, fence);
  }

  async replicated(callSid: string): Promise<void> {
    expect(await this.#owners.get(callSid)!.machine.replicated(callSid)).toBe(true);
  }

  async isComplete(callSid: string): Promise<void> {
    // An incomplete record is in Redis until the next one replaces it.
    this.append(callSid, 10);
    await this.replicated(callSid);
    const { machine } = this.#owners.get(callSid)!;
    expect(await machine.downloaded(callSid)).toBe(machine.written(callSid));
  }

  async end(): Promise<void> {
    await Promise.all(this.machines.map((machine) => machine.end()));
  }

  async #takeBack(callSid: string, machine: Machine, fence: number): Promise<void> {
    await machine.lease(callSid, fence);
    this.#owners.set(callSid, { machine, fence });
    machine.replication.begins({ callSid, path: machine.pathOf(callSid), fence, offset: 0 });
  }

  async #machine(): Promise<Machine> {
    const machine = await Machine.started(redis);
    this.machines.push(machine);
    return machine;
  }
}

test('whatever happens, the downloaded journal is the one that the call’s machine wrote', async () => {
  const property = fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
    await redis.client.flushall();
    const scene = new Scene();
    try {
      await scene.begin();
      for (const [callSid, happening] of steps) await happens(scene, callSid, happening);
      for (const callSid of CALLS) await scene.isComplete(callSid);
    } finally {
      await scene.end();
    }
  });
  await fc.assert(property, { numRuns: 10, interruptAfterTimeLimit: 45_000 });
});

async function happens(
  scene: Scene,
  callSid: string,
  happening: typeof event extends fc.Arbitrary<infer Event> ? Event : never,
): Promise<void> {
  switch (happening.kind) {
    case 'append':
      scene.append(callSid, happening.bytes);
      break;
    case 'hand-over':
      await scene.handOver(callSid, happening.torn);
      break;
    case 'replicated':
      await scene.replicated(callSid);
      break;
    case 'flush':
      await redis.client.flushall();
      await scene.restoreLeases();
      break;
    case 'restart':
      await redis.kill();
      await redis.start();
      await scene.restoreLeases();
      break;
    case 'pause':
      redis.pause();
      scene.append(callSid, 3_000);
      redis.goOn();
      break;
  }
}
