import type { RedisClient } from '../../src/cluster/redis-connection.ts';
import { MemoryRedis } from './memory-redis.ts';
import type { VirtualTime } from './virtual-time.ts';

/** One way between a machine and Redis in one zone. Assumed. */
const ONE_WAY_MS = 0.5;
/** `ANSWER_WITHIN_MS` of `redis-connection.ts`. */
const ANSWER_WITHIN_MS = 1_000;

/** 2025-07-01, so that no claim has the fence 0. */
const STARTED_AT_MS = 1_751_328_000_000;

/** A machine as Redis' network sees it. */
export interface NetworkEnd {
  /** False: nothing passes between it and Redis, and nobody is told so. */
  readonly isReachable: boolean;
  /** Runs now, or when the machine runs again, or never. */
  deliver(run: () => void): void;
}

/** Redis and the ways to it: a command may be lost, and so may its answer after it was executed. */
export class SimulatedRedis {
  readonly data: MemoryRedis;
  readonly #time: VirtualTime;
  /** Since when it is down. */
  downSinceMs: number | undefined;

  constructor(time: VirtualTime) {
    this.#time = time;
    this.data = new MemoryRedis(() => (STARTED_AT_MS + Math.floor(time.now())) * 1_000);
  }

  /** A connection of a machine, with the commands that `MemoryRedis` has. */
  client(end: NetworkEnd): RedisClient {
    const { data } = this;
    const call =
      (name: string) =>
      (...args: readonly unknown[]): Promise<unknown> =>
        this.send(end, () => data.run(name, args));
    const unknownScript = (): Promise<never> => Promise.reject(new Error('NOSCRIPT'));
    const commands = new Proxy(
      {},
      { get: (_target, name: string) => (name === 'evalsha' ? unknownScript : call(name)) },
    );
    return commands as unknown as RedisClient;
  }

  /** Rejects at once while Redis is down, and after a second without an answer. */
  send<Answer>(end: NetworkEnd, execute: () => Answer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.downSinceMs !== undefined) return reject(new Error("Stream isn't writeable"));
      this.#time.after(ANSWER_WITHIN_MS, () => end.deliver(() => reject(new Error('Command timed out'))));
      if (!end.isReachable) return;
      this.#time.after(ONE_WAY_MS, () => {
        if (this.downSinceMs !== undefined) return;
        const answer = execute();
        this.#time.after(ONE_WAY_MS, () => {
          if (end.isReachable) end.deliver(() => resolve(answer));
        });
      });
    });
  }
}
