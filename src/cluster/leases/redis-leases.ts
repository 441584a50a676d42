import { randomUUID } from 'node:crypto';
import type { BusyLease, WorkLease, WorkLeases } from '../../storage/work-lease.ts';
import type { RedisKeys } from '../keys.ts';
import type { RedisClient } from '../redis-connection.ts';
import type { RedisOutage } from '../redis-outage.ts';
import { RedisScript } from '../redis-script.ts';

/** Without being renewed, a lease ends after this time. */
const LEASE_MS = 15_000;
/** A lease is renewed after this part of its time, and counts as lost here before it ends in Redis. */
const RENEW_AFTER = 1 / 3;
const LOST_AFTER = 0.8;
/** The last fence of a lease that is not renewed is kept for this time. */
const KEPT_MS = 86_400_000;

const NOW = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/**
 * KEYS: lease. ARGV: holder, name, lease time, kept time. Returns the fence, or the name of the holder. The fence grows also if Redis has
 * lost the last one: it is the time of Redis.
 */
const ACQUIRE = new RedisScript(`${NOW}
  local lease = redis.call('HMGET', KEYS[1], 'until', 'name', 'fence')
  if tonumber(lease[1] or '0') > now then return lease[2] end
  local fence = string.format('%.0f', math.max(time[1] * 1000000 + time[2], tonumber(lease[3] or '0') + 1))
  redis.call('HSET', KEYS[1], 'holder', ARGV[1], 'name', ARGV[2], 'fence', fence)
  redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + ARGV[3]))
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
  return {fence}`);

/** KEYS: lease. ARGV: holder, lease time, kept time. 0: another machine may have it. */
const RENEW = new RedisScript(`${NOW}
  local lease = redis.call('HMGET', KEYS[1], 'holder', 'until')
  if lease[1] ~= ARGV[1] or tonumber(lease[2] or '0') <= now then return 0 end
  redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + ARGV[2]))
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  return 1`);

/** KEYS: lease. ARGV: holder. */
const RELEASE = new RedisScript(`
  if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1] then return 0 end
  return redis.call('HSET', KEYS[1], 'until', 0)`);

export interface RedisLeasesOptions {
  readonly client: RedisClient;
  readonly keys: RedisKeys;
  /** The name of this machine, for people. */
  readonly name: string;
  readonly outage: RedisOutage;
  /** Default: 15 s. */
  readonly leaseMs?: number | undefined;
}

/** Leases in Redis, which measures their time. They are renewed until they are released. */
export class RedisLeases implements WorkLeases {
  readonly outage: RedisOutage;
  readonly #options: RedisLeasesOptions;

  constructor(options: RedisLeasesOptions) {
    this.#options = options;
    this.outage = options.outage;
  }

  async acquire(job: string): Promise<WorkLease | BusyLease> {
    const { client, keys, name, leaseMs = LEASE_MS } = this.#options;
    const key = keys.of('lease', job);
    const holder = randomUUID();
    const atMs = performance.now();
    try {
      const answer = await ACQUIRE.run(client, [key], [holder, name, leaseMs, KEPT_MS]);
      this.outage.worked();
      if (!Array.isArray(answer)) return { holder: String(answer) };
      return this.#held(key, holder, Number(answer[0]), atMs);
    } catch (error) {
      this.outage.failed(error);
      throw error;
    }
  }

  #held(key: string, holder: string, fence: number, acquiredAtMs: number): WorkLease {
    const { client, leaseMs = LEASE_MS } = this.#options;
    const lost = new AbortController();
    let renewedAtMs = acquiredAtMs;
    const renew = async (): Promise<void> => {
      const atMs = performance.now();
      try {
        if ((await RENEW.run(client, [key], [holder, leaseMs, KEPT_MS])) === 1) renewedAtMs = atMs;
        else lose();
        this.outage.worked();
      } catch (error) {
        this.outage.failed(error);
      }
    };
    const renewals = setInterval(() => void renew(), leaseMs * RENEW_AFTER);
    const watch = setInterval(() => {
      if (performance.now() - renewedAtMs > leaseMs * LOST_AFTER) lose();
    }, leaseMs / 20);
    const end = (): void => {
      clearInterval(renewals);
      clearInterval(watch);
    };
    const lose = (): void => {
      end();
      lost.abort(new Error('another machine may do this job now: its lease was not renewed in time'));
    };
    const release = async (): Promise<void> => {
      end();
      await RELEASE.run(client, [key], [holder]).catch(() => undefined);
    };
    return { fence, lost: lost.signal, release };
  }
}
