import { setTimeout as delay } from 'node:timers/promises';
import {
  isForgotten,
  type KnownSessions,
  SESSION_KNOWN_MS,
  type SessionTimes,
  type SharedSessions,
} from '../../http/auth/session-table.ts';
import type { Log } from '../../log.ts';
import type { RedisKeys } from '../keys.ts';
import type { RedisClient } from '../redis-connection.ts';
import { RedisOutage } from '../redis-outage.ts';
import { RedisScript } from '../redis-script.ts';
import type { Subscriptions } from './subscriptions.ts';

/** How long a starting machine waits for the sessions of the others. */
const JOIN_WITHIN_MS = 2_000;
/** Sessions that are written at once. */
const BATCH = 100;
/** The digest of the id, when the session was opened, and when it was last used. */
const ENTRY = /^([\w-]{43}) (\d{1,15}) (\d{1,15}|ended)$/;

/**
 * Writes a session and publishes it. A session that ended remains ended, and the latest use counts, in whatever order machines write.
 * KEYS: the table. ARGV: channel, digest, opened, used, lifetime of the table in ms.
 */
const WRITE = new RedisScript(`
local before = redis.call('HGET', KEYS[1], ARGV[2])
local used = before and string.match(before, ' (%w+)$')
if used == 'ended' then return 0 end
if used and ARGV[4] ~= 'ended' and tonumber(used) >= tonumber(ARGV[4]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3] .. ' ' .. ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('PUBLISH', ARGV[1], ARGV[2] .. ' ' .. ARGV[3] .. ' ' .. ARGV[4])
return 1
`);

interface Joined {
  readonly key: string;
  readonly channel: string;
  readonly sessions: KnownSessions;
  /** Whether the changes of other machines arrive. */
  isFollowing: boolean;
  /** All sessions of the others are known. */
  readonly loaded: () => void;
}

/**
 * Sessions in a hash of Redis, of which each machine has a copy in memory: a request never waits for Redis. What could not be written or
 * was missed is made up for at each new connection, and twice a minute. A Redis that has lost its data gets it from the machines.
 */
export class RedisSessions implements SharedSessions {
  readonly outage: RedisOutage;
  readonly #client: RedisClient;
  readonly #keys: RedisKeys;
  readonly #subscriptions: Subscriptions;
  readonly #log: Log;
  #joined: Joined | undefined;
  #synchronizing: Promise<void> | undefined;
  #unreadable = 0;

  constructor(client: RedisClient, keys: RedisKeys, subscriptions: Subscriptions, log: Log) {
    this.outage = new RedisOutage('sessions', log);
    this.#client = client;
    this.#keys = keys;
    this.#subscriptions = subscriptions;
    this.#log = log;
  }

  async join(group: string, sessions: KnownSessions): Promise<void> {
    const key = this.#keys.of('sessions', group);
    const channel = this.#keys.of('sessions-changed', group);
    const allLoaded = new Promise<void>((loaded) => {
      const joined = { key, channel, sessions, isFollowing: false, loaded };
      this.#joined = joined;
      const connected = (): void => void this.#subscribed(joined);
      this.#subscriptions.follow(channel, (message) => this.#learn(message), connected);
    });
    const late = new AbortController();
    await Promise.race([allLoaded, delay(JOIN_WITHIN_MS, undefined, late).catch(() => undefined)]);
    late.abort();
  }

  async tell(digest: string, times: SessionTimes): Promise<void> {
    if (!this.#joined) return;
    try {
      await this.#write(this.#joined, digest, times);
      this.outage.worked();
    } catch (error) {
      this.outage.failed(error);
    }
  }

  /** Reads all sessions, and writes those that Redis does not have. Call it at each new connection and from time to time. */
  synchronize(): Promise<void> {
    const joined = this.#joined;
    if (!joined) return Promise.resolve();
    this.#synchronizing ??= this.#tryToSynchronize(joined).finally(() => (this.#synchronizing = undefined));
    return this.#synchronizing;
  }

  async #subscribed(joined: Joined): Promise<void> {
    joined.isFollowing = true;
    // One that began before may have missed the latest changes.
    await this.#synchronizing;
    await this.synchronize();
  }

  async #tryToSynchronize(joined: Joined): Promise<void> {
    const { isFollowing } = joined;
    try {
      await this.#synchronize(joined);
      this.outage.worked();
      if (isFollowing) joined.loaded();
    } catch (error) {
      this.outage.failed(error);
    }
  }

  async #synchronize(joined: Joined): Promise<void> {
    const { key, sessions } = joined;
    const atMs = Date.now();
    const stored = await this.#client.hgetall(key);
    const old = Object.keys(stored).filter((digest) => isForgotten(parseInt(stored[digest]!, 10), atMs));
    for (const digest of old) delete stored[digest];
    for (const [digest, times] of Object.entries(stored)) this.#learn(`${digest} ${times}`);
    if (old.length > 0) await this.#client.hdel(key, ...old);
    const missing = [...sessions.known(atMs)].filter(
      ([digest, times]) => stored[digest] === undefined || isLater(times, stored[digest]),
    );
    for (let from = 0; from < missing.length; from += BATCH)
      await Promise.all(
        missing.slice(from, from + BATCH).map(([digest, times]) => this.#write(joined, digest, times)),
      );
  }

  async #write({ key, channel }: Joined, digest: string, { sinceMs, usedAtMs }: SessionTimes): Promise<void> {
    await WRITE.run(this.#client, [key], [channel, digest, sinceMs, usedAtMs, SESSION_KNOWN_MS]);
  }

  #learn(entry: string): void {
    const [, digest, sinceMs, used] = ENTRY.exec(entry) ?? [];
    if (digest === undefined || used === undefined) {
      this.#unreadable += 1;
      if (this.#unreadable === 1) this.#log.warn({}, 'an entry of the sessions in Redis is not readable');
      return;
    }
    const usedAtMs = used === 'ended' ? used : Number(used);
    this.#joined?.sessions.learn(digest, { sinceMs: Number(sinceMs), usedAtMs });
  }
}

function isLater({ usedAtMs }: SessionTimes, stored: string): boolean {
  if (stored.endsWith(' ended')) return false;
  return usedAtMs === 'ended' || usedAtMs > Number(stored.split(' ')[1]);
}
