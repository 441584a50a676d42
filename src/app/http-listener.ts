import type { Express } from 'express';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../events/clock.ts';
import { connectionLimit, descriptorLimit } from '../http/descriptor-limit.ts';
import { createLimitedServer, TIME_LIMITS } from '../http/limited-server.ts';
import type { Log } from '../log.ts';

const LAST_CONNECTIONS_MS = 500;
const DROPS_LOGGED_EVERY_MS = 60_000;

/** Why a port cannot be listened on, and what to set. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

const LISTEN_ERRORS: Readonly<Record<string, (port: number, host: string) => string>> = {
  EADDRINUSE: (port) =>
    `Port ${port} is in use by another program. Stop that program, or set PORT to another number.`,
  EACCES: (port) =>
    `Port ${port} may not be used by this user. Set PORT to a number of at least 1024, and let a proxy forward ${port} to it.`,
  EADDRNOTAVAIL: (_, host) =>
    `HOST is "${host}", which is no address of this machine. Set it to 0.0.0.0, 127.0.0.1 or one of its addresses.`,
  ENOTFOUND: (_, host) =>
    `HOST is "${host}", which cannot be resolved. Set it to an IP address, such as 0.0.0.0.`,
};

/** The HTTP server: limits its connections, listens and closes. */
export class HttpListener {
  readonly server: HttpServer;
  readonly #clock: Clock;

  constructor(app: Express, clock: Clock, log: Log) {
    this.#clock = clock;
    const descriptors = descriptorLimit();
    const connections = connectionLimit(descriptors);
    this.server = createLimitedServer(app, { ...TIME_LIMITS, connections });
    log.info({ connections, descriptors }, 'connections are limited');
    let loggedAtMs = -Infinity;
    this.server.on('drop', () => {
      if (clock.now() - loggedAtMs < DROPS_LOGGED_EVERY_MS) return;
      loggedAtMs = clock.now();
      log.warn({ connections }, 'a connection was closed: too many are open');
    });
  }

  /** Resolves with the port. Rejects with a `ListenError` if the port or the host is not available. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', (error: NodeJS.ErrnoException) => {
        const sentence = LISTEN_ERRORS[error.code ?? '']?.(port, host);
        reject(sentence === undefined ? error : new ListenError(sentence, { cause: error }));
      });
      this.server.listen(port, host, () => resolve((this.server.address() as AddressInfo).port));
    });
  }

  /** Open requests have 500 ms to end. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeIdleConnections();
    await Promise.race([closed, this.#clock.sleep(LAST_CONNECTIONS_MS)]);
    this.server.closeAllConnections();
  }
}
