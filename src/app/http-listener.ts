import type { Express } from 'express';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../events/clock.ts';
import { connectionLimit, descriptorLimit } from '../http/descriptor-limit.ts';
import { createLimitedServer, TIME_LIMITS } from '../http/limited-server.ts';
import type { Log } from '../log.ts';

const LAST_CONNECTIONS_MS = 500;
const DROPS_LOGGED_EVERY_MS = 60_000;

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

  /** Resolves with the port. Rejects if the port is not available. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
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
