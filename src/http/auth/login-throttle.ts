import type { IncomingMessage } from 'node:http';
import { type AttemptLimits, FailedAttemptLimiter } from './failed-attempt-limiter.ts';
import { clientAddress } from './proxy-headers.ts';

/** A password is guessed by trying many; whoever knows it needs few. */
const OF_AN_ADDRESS: AttemptLimits = { mostAtOnce: 6, forgivenAfterMs: 20_000 };
/** What a proxy says of addresses may be made up: all who come over one socket have this many together. */
const OF_A_PROXY: AttemptLimits = { mostAtOnce: 60, forgivenAfterMs: 5_000 };

/** Slows down whoever tries passwords, without shutting out everybody else behind the same proxy. */
export class LoginThrottle {
  readonly #clients = new FailedAttemptLimiter(undefined, OF_AN_ADDRESS);
  readonly #proxies = new FailedAttemptLimiter(undefined, OF_A_PROXY);

  /** Seconds until another attempt is looked at; 0 means now. */
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

  /** The password was right. */
  proved(request: IncomingMessage): void {
    this.#clients.proved(clientAddress(request));
  }
}

function socketAddress({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? '';
}
