import type { Log } from '../log.ts';
import type { RedisClient } from './redis-connection.ts';
import { redisFacts, versionProblem } from './redis-version.ts';

/** A server that is too old is asked again after this time: it may have been upgraded. */
const ASKED_AGAIN_MS = 60_000;

/** Ends the connections to a Redis that is too old, so that this machine goes on alone, and says so. */
export class RedisVersionCheck {
  readonly #clients: readonly RedisClient[];
  readonly #log: Log;
  #problem: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** The first client is asked. */
  constructor(clients: readonly RedisClient[], log: Log) {
    this.#clients = clients;
    this.#log = log;
    const [first] = clients;
    first?.on('ready', () => void this.#check(first));
  }

  /** A sentence for `/health`. */
  get problem(): string | undefined {
    return this.#problem;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  async #check(client: RedisClient): Promise<void> {
    // A user that may not use INFO has no version to check, and each command fails by itself.
    const info = await client.info().catch(() => undefined);
    if (info === undefined) return;
    const facts = redisFacts(info);
    const problem = versionProblem(facts);
    if (problem === undefined) {
      if (this.#problem !== undefined)
        this.#log.info({ version: facts.version }, 'Redis is no longer too old');
      this.#problem = undefined;
      return;
    }
    if (this.#problem === undefined)
      this.#log.error({ version: facts.version, problem }, 'Redis is too old; this machine goes on alone');
    this.#problem = problem;
    for (const each of this.#clients) each.disconnect();
    this.#timer = setTimeout(() => {
      for (const each of this.#clients) void each.connect().catch(() => undefined);
    }, ASKED_AGAIN_MS);
  }
}
