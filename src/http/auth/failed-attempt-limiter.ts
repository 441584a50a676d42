import { isIPv6 } from 'node:net';

/** Wrong guesses that an address has at once, and how long one takes to be forgiven. */
export interface AttemptLimits {
  readonly mostAtOnce: number;
  readonly forgivenAfterMs: number;
}
const USUAL: AttemptLimits = { mostAtOnce: 30, forgivenAfterMs: 2_000 };
/** An attacker with more addresses than this only makes us forget the oldest ones. */
const MOST_ADDRESSES = 10_000;

interface Tally {
  count: number;
  atMs: number;
}

/**
 * Slows down whoever tries signatures, tokens and passwords. Only requests that proved nothing count: all of Twilio's
 * come from few addresses, and every one of them proves itself.
 */
export class FailedAttemptLimiter {
  /** In the order of the last failure. */
  readonly #tallies = new Map<string, Tally>();
  readonly #mostAddresses: number;
  readonly #patience: AttemptLimits;

  constructor(mostAddresses = MOST_ADDRESSES, patience = USUAL) {
    this.#mostAddresses = mostAddresses;
    this.#patience = patience;
  }

  /** Seconds until another attempt is looked at; 0 means now. */
  waitSeconds(address: string, nowMs: number): number {
    const { mostAtOnce, forgivenAfterMs } = this.#patience;
    const over = this.#countAt(keyOf(address), nowMs) - mostAtOnce + 1;
    return over <= 0 ? 0 : Math.ceil((over * forgivenAfterMs) / 1_000);
  }

  /** A request that proved nothing. */
  failed(address: string, nowMs: number): void {
    const key = keyOf(address);
    const count = Math.min(this.#patience.mostAtOnce, this.#countAt(key, nowMs) + 1);
    this.#tallies.delete(key);
    this.#tallies.set(key, { count, atMs: nowMs });
    for (const oldest of this.#tallies.keys()) {
      if (this.#tallies.size <= this.#mostAddresses) break;
      this.#tallies.delete(oldest);
    }
  }

  /** What an address failed at before does not count any more. */
  proved(address: string): void {
    this.#tallies.delete(keyOf(address));
  }

  #countAt(key: string, nowMs: number): number {
    const tally = this.#tallies.get(key);
    if (tally === undefined) return 0;
    return Math.max(0, tally.count - (nowMs - tally.atMs) / this.#patience.forgivenAfterMs);
  }
}

/** An IPv6 household has a whole /64 of addresses. */
function keyOf(address: string): string {
  if (!isIPv6(address) || address.toLowerCase().startsWith('::ffff:')) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head.split(':').filter(Boolean);
  const behind = tail === undefined ? [] : tail.split(':').filter(Boolean);
  const zeros = Array<string>(Math.max(0, 8 - groups.length - behind.length)).fill('0');
  return [...groups, ...zeros, ...behind].slice(0, 4).join(':');
}
