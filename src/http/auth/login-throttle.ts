import { type AttemptLimits, FailedAttemptLimiter } from './failed-attempt-limiter.ts';
import type { AttemptOrigin } from './password-queue.ts';
import type { SharedAttempts } from './shared-attempts.ts';

const PER_CLIENT: AttemptLimits = { maxAtOnce: 6, forgivenAfterMs: 20_000 };
/** Addresses behind a proxy may be many or forged, so all clients of one proxy also share a limit. */
const PER_PROXY: AttemptLimits = { maxAtOnce: 60, forgivenAfterMs: 5_000 };
/** When the shared limit is used up, addresses that have not failed have this one. */
const RESERVE: AttemptLimits = { maxAtOnce: 300, forgivenAfterMs: 2_000 };
/** How long a failure makes an address one that has failed. */
const REMEMBERED_MS = 600_000;

/** The sender of a login attempt. */
export interface LoginAttempt {
  /** The client's address, as far as proxies tell it. */
  readonly address: string;
  readonly socketAddress: string;
  /** Whether `address` is a proxy that does not name its clients: it has the limit of many clients. */
  readonly isProxy: boolean;
  /** The id of a browser that logged in before. */
  readonly browser?: string | undefined;
}

/**
 * Slows down password guessing without locking out others. Browsers that logged in before are limited by themselves alone:
 * no number of guesses from elsewhere keeps them out.
 */
export class LoginThrottle {
  readonly #browsers = new FailedAttemptLimiter(undefined, PER_CLIENT);
  readonly #clients = new FailedAttemptLimiter(undefined, PER_CLIENT);
  readonly #proxies = new FailedAttemptLimiter(undefined, PER_PROXY);
  readonly #reserves = new FailedAttemptLimiter(undefined, RESERVE);

  /** Counts attempts at other machines, too. */
  share(shared: SharedAttempts, now: () => number): void {
    this.#browsers.share(shared, 'login-browsers', now);
    this.#clients.share(shared, 'login-clients', now);
    this.#proxies.share(shared, 'login-proxies', now);
    this.#reserves.share(shared, 'login-reserves', now);
  }

  /** Seconds until the next attempt is accepted; 0 means now. */
  waitSeconds(attempt: LoginAttempt, nowMs: number): number {
    if (attempt.browser !== undefined) return this.#browsers.waitSeconds(attempt.browser, nowMs);
    const { address, socketAddress, isProxy } = attempt;
    const client = isProxy ? 0 : this.#clients.waitSeconds(address, nowMs);
    const shared = this.#proxies.waitSeconds(socketAddress, nowMs);
    if (shared === 0 || this.originOf(attempt, nowMs) === 'failed') return Math.max(client, shared);
    return this.#reserves.waitSeconds(socketAddress, nowMs);
  }

  originOf({ browser, address }: LoginAttempt, nowMs: number): AttemptOrigin {
    if (browser !== undefined) return 'known';
    return this.#clients.hasFailed(address, REMEMBERED_MS, nowMs) ? 'failed' : 'fresh';
  }

  tried(attempt: LoginAttempt, nowMs: number): void {
    const { browser, address, socketAddress } = attempt;
    if (browser !== undefined) {
      this.#browsers.failed(browser, nowMs);
      return;
    }
    const shared = this.#proxies.waitSeconds(socketAddress, nowMs);
    (shared === 0 ? this.#proxies : this.#reserves).failed(socketAddress, nowMs);
    this.#clients.failed(address, nowMs);
  }

  /** The password was correct. */
  succeeded({ browser, address }: LoginAttempt): void {
    if (browser !== undefined) this.#browsers.succeeded(browser);
    this.#clients.succeeded(address);
  }
}
