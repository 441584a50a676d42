import type { Log } from '../log.ts';
import type { RedisClient } from './redis-connection.ts';

const POLICY = /^maxmemory_policy:(.+)$/mu;

/** Whether Redis keeps what it was given: a server that removes keys when it is full loses calls and jobs without an error. */
export class EvictionCheck {
  readonly #client: RedisClient;
  readonly #log: Log;
  #policy: string | undefined;

  constructor(client: RedisClient, log: Log) {
    this.#client = client;
    this.#log = log;
    client.on('ready', () => void this.#look());
  }

  get problem(): string | undefined {
    if (this.#policy === undefined || this.#policy === 'noeviction') return undefined;
    return `Redis: its maxmemory-policy is ${this.#policy}, with which it may remove live calls; set it to noeviction`;
  }

  async #look(): Promise<void> {
    // Some providers do not allow the command: nothing is known then.
    const text = await this.#client.info('memory').catch(() => '');
    const before = this.problem;
    this.#policy = POLICY.exec(text)?.[1]?.trim();
    if (this.problem !== undefined && this.problem !== before)
      this.#log.warn(
        { policy: this.#policy },
        'Redis may remove live calls: its maxmemory-policy must be noeviction',
      );
  }
}
