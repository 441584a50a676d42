/** Limits for connections to a database server. */
export const CONNECTIONS = 8;
/** Timeout for getting a connection: a new one, or one from the pool. */
export const CONNECT_MS = 5_000;
/** The server cancels a statement after this time. */
export const STATEMENT_MS = 10_000;
/** The client gives up on a server that does not enforce the statement timeout. */
export const SILENT_SERVER_MS = 12_000;
/** Unused connections are closed after this time. */
export const IDLE_MS = 30_000;
