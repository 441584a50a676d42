import { createServer, type RequestListener, type Server } from 'node:http';

/** Time limits of HTTP connections. WebSockets have their own. */
export interface ConnectionLimits {
  /** From the opening of the connection, or the first byte of a request, to the end of its headers. */
  readonly headersMs: number;
  /** From the end of the headers to the end of a small body. */
  readonly smallBodyMs: number;
  /** The longest pause of an upload. */
  readonly uploadIdleMs: number;
  /** The longest upload. */
  readonly uploadMs: number;
  /** How long an idle connection is kept. Proxies reuse connections for 60 s, so this must be longer. */
  readonly keepAliveMs: number;
  /** How often headers and uploads are checked. */
  readonly checkEveryMs: number;
  /** The limit of connections; further ones are closed at once. */
  readonly connections: number;
}

export const TIME_LIMITS = {
  headersMs: 15_000,
  smallBodyMs: 30_000,
  uploadIdleMs: 30_000,
  uploadMs: 3_600_000,
  keepAliveMs: 75_000,
  checkEveryMs: 1_000,
} as const satisfies Omit<ConnectionLimits, 'connections'>;

/** An HTTP server whose connections are limited. Since Node 18 `headersTimeout` does not run between two requests. */
export function createLimitedServer(handler: RequestListener, limits: ConnectionLimits): Server {
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.uploadMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: limits.checkEveryMs,
    },
    handler,
  );
  server.maxConnections = limits.connections;
  return server;
}
