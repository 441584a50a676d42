/** Connections to a server's database. */
export const CONNECTIONS = 8;
/** Until a connection is there: a new one, or one that others use. */
export const CONNECT_MS = 5_000;
/** A server gives a statement up after this time, */
export const STATEMENT_MS = 10_000;
/** and we give up a server that does not. */
export const SILENT_SERVER_MS = 12_000;
/** An unused connection is given back after this time. */
export const IDLE_MS = 30_000;
