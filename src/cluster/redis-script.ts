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
  run(
    client: RedisClient,
    keys: readonly string[],
    args: readonly (string | number | Buffer)[],
  ): Promise<unknown> {
    const parameters = [...keys, ...args];
    return this.#onceSent(
      () => client.evalsha(this.#digest, keys.length, ...parameters),
      () => client.eval(this.#text, keys.length, ...parameters),
    );
  }

  /** As `run`; strings of the answer are bytes. */
  runForBytes(
    client: RedisClient,
    keys: readonly string[],
    args: readonly (string | number | Buffer)[],
  ): Promise<unknown> {
    const parameters = [...keys, ...args];
    return this.#onceSent(
      () => client.callBuffer('evalsha', this.#digest, keys.length, ...parameters),
      () => client.callBuffer('eval', this.#text, keys.length, ...parameters),
    );
  }

  async #onceSent(byDigest: () => Promise<unknown>, byText: () => Promise<unknown>): Promise<unknown> {
    try {
      return await byDigest();
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return byText();
    }
  }
}
