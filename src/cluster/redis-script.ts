import { createHash } from 'node:crypto';
import type { RedisClient } from './redis-connection.ts';

/** A Lua script, which Redis runs as one step. It is sent once to each server, and by its digest afterwards. */
export class RedisScript {
  readonly #text: string;
  readonly #digest: string;

  constructor(text: string) {
    this.#text = text;
    this.#digest = createHash('sha1').update(text).digest('hex');
  }

  /** All keys must belong to one call, or there must be one key. */
  async run(
    client: RedisClient,
    keys: readonly string[],
    args: readonly (string | number | Buffer)[],
  ): Promise<unknown> {
    const parameters = [...keys, ...args];
    try {
      return await client.evalsha(this.#digest, keys.length, ...parameters);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return client.eval(this.#text, keys.length, ...parameters);
    }
  }
}
