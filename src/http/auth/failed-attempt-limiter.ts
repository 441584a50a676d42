import { LRUCache } from 'lru-cache';
import { isIPv6 } from 'node:net';
import type { SharedAttempts } from './shared-attempts.ts';

/** How many failed attempts an address may make at once, and after how long one is forgiven. */
export interface AttemptLimits {
  readonly maxAtOnce: number;
  readonly forgivenAfterMs: number;
}
const DEFAULT_LIMITS: AttemptLimits = { maxAtOnce: 30, forgivenAfterMs: 2_000 };
/** With more addresses the one whose last failure is oldest is forgotten. */
const MAX_ADDRESSES = 10_000;

interface Tally {
  readonly count: number;
  readonly atMs: number;
}

/**
 * Delays addresses that keep failing to authenticate by signature, token or password. Only unauthenticated requests count:
 * Twilio's requests come from few addresses, and all of them are signed.
 */
export class FailedAttemptLimiter {
  readonly #tallies: LRUCache<string, Tally>;
  readonly #limits: AttemptLimits;
  #tell: ((key: string, count: number) => void) | undefined;

  constructor(maxAddresses = MAX_ADDRESSES, limits = DEFAULT_LIMITS) {
    this.#tallies = new LRUCache({ max: maxAddresses });
    this.#limits = limits;
  }

  /** Counts attempts at other machines, too. `name`: the same at all of them. `now`: as the times of the other methods. */
  share(shared: SharedAttempts, name: string, now: () => number): void {
    this.#tell = (key, count) => shared.tell(name, key, count);
    shared.join(name, {
      heard: (key, count) => (count === 0 ? void this.#tallies.delete(key) : this.#count(key, count, now())),
    });
  }

  /** Seconds until the next attempt is accepted; 0 means now. */
  waitSeconds(address: string, nowMs: number): number {
    const { maxAtOnce, forgivenAfterMs } = this.#limits;
    const excess = this.#countAt(keyOf(address), nowMs) - maxAtOnce + 1;
    return excess <= 0 ? 0 : Math.ceil((excess * forgivenAfterMs) / 1_000);
  }

  /** Counts a failed attempt. */
  failed(address: string, nowMs: number): void {
    const key = keyOf(address);
    this.#count(key, 1, nowMs);
    this.#tell?.(key, 1);
  }

  /** Forgets earlier failures: the address has authenticated. */
  succeeded(address: string): void {
    const key = keyOf(address);
    // Most addresses never fail: nothing is to be told of them.
    if (this.#tallies.delete(key)) this.#tell?.(key, 0);
  }

  /** Whether the address has failed within this time. */
  hasFailed(address: string, withinMs: number, nowMs: number): boolean {
    const tally = this.#tallies.peek(keyOf(address));
    return tally !== undefined && nowMs - tally.atMs <= withinMs;
  }

  #count(key: string, attempts: number, nowMs: number): void {
    const count = Math.min(this.#limits.maxAtOnce, this.#countAt(key, nowMs) + attempts);
    this.#tallies.set(key, { count, atMs: nowMs });
  }

  /** Reading does not refresh an entry: only failures do. */
  #countAt(key: string, nowMs: number): number {
    const tally = this.#tallies.peek(key);
    if (tally === undefined) return 0;
    return Math.max(0, tally.count - (nowMs - tally.atMs) / this.#limits.forgivenAfterMs);
  }
}

/** One IPv6 customer has a whole /64, so its addresses count together. */
function keyOf(address: string): string {
  if (!isIPv6(address) || address.toLowerCase().startsWith('::ffff:')) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head.split(':').filter(Boolean);
  const behind = tail === undefined ? [] : tail.split(':').filter(Boolean);
  const zeros = Array<string>(Math.max(0, 8 - groups.length - behind.length)).fill('0');
  return [...groups, ...zeros, ...behind].slice(0, 4).join(':');
}
