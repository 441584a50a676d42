import type { IncomingMessage } from 'node:http';
import { type AttemptLimits, FailedAttemptLimiter } from './failed-attempt-limiter.ts';
import { clientAddress } from './proxy-headers.ts';

const PER_CLIENT: AttemptLimits = { maxAtOnce: 6, forgivenAfterMs: 20_000 };
/** Addresses named by a proxy may be forged, so all clients behind one proxy also share a limit. */
const PER_PROXY: AttemptLimits = { maxAtOnce: 60, forgivenAfterMs: 5_000 };

/** Slows down password guessing without locking out other clients behind the same proxy. */
export class LoginThrottle {
  readonly #clients = new FailedAttemptLimiter(undefined, PER_CLIENT);
  readonly #proxies = new FailedAttemptLimiter(undefined, PER_PROXY);

  /** Seconds until the next attempt is accepted; 0 means now. */
  waitSeconds(request: IncomingMessage, nowMs: number): number {
    return Math.max(
      this.#clients.waitSeconds(clientAddress(request), nowMs),
      this.#proxies.waitSeconds(socketAddress(request), nowMs),
    );
  }

  tried(request: IncomingMessage, nowMs: number): void {
    this.#clients.failed(clientAddress(request), nowMs);
    this.#proxies.failed(socketAddress(request), nowMs);
  }

  /** The password was correct. */
  succeeded(request: IncomingMessage): void {
    this.#clients.succeeded(clientAddress(request));
  }
}

function socketAddress({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? '';
}
