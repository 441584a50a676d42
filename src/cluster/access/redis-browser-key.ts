import type { SharedKey } from '../../http/auth/known-browsers.ts';
import type { Log } from '../../log.ts';
import type { RedisKeys } from '../keys.ts';
import type { RedisClient } from '../redis-connection.ts';
import { RedisOutage } from '../redis-outage.ts';

/** The key that signs the cookies of known browsers: the first machine's own one becomes that of all. */
export class RedisBrowserKey implements SharedKey {
  readonly outage: RedisOutage;
  readonly #client: RedisClient;
  readonly #key: string;

  constructor(client: RedisClient, keys: RedisKeys, log: Log) {
    this.outage = new RedisOutage('the key of known browsers', log);
    this.#client = client;
    this.#key = keys.of('browser-key');
  }

  async agree(own: Buffer): Promise<Buffer | undefined> {
    try {
      const agreed = (await this.#client.getBuffer(this.#key)) ?? (await this.#offer(own));
      this.outage.worked();
      return agreed?.length === own.length ? agreed : undefined;
    } catch (error) {
      this.outage.failed(error);
      return undefined;
    }
  }

  async #offer(own: Buffer): Promise<Buffer | null> {
    await this.#client.set(this.#key, own, 'NX');
    return this.#client.getBuffer(this.#key);
  }
}
