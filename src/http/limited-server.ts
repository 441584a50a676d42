import { createServer, type RequestListener, type Server } from 'node:http';

/** Time limits of HTTP connections. WebSockets have their own. */
export interface ConnectionLimits {
  /** From the opening of the connection, or the first byte of a request, to the end of its headers. */
  readonly headersMs: number;
  /** From there to the end of a small body. */
  readonly smallBodyMs: number;
  /** An upload may pause for so long. */
  readonly uploadIdleMs: number;
  /** The longest upload. */
  readonly uploadMs: number;
  /** An idle connection is kept for so long. Proxies reuse connections for 60 s; ours must not close first. */
  readonly keepAliveMs: number;
  /** How often headers and uploads are checked. */
  readonly checkEveryMs: number;
  /** Connections at once; more are closed when they are opened. */
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
