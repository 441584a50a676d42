import type { MysqlPool, MysqlPoolConnection, MysqlQueryResult } from 'kysely';
import { createPool, type Pool, type PoolConnection, type QueryError } from 'mysql2';
import { CONNECT_MS, CONNECTIONS, IDLE_MS, SILENT_SERVER_MS, STATEMENT_MS } from '../../connection-limits.ts';

/** Session settings of every connection. The last two are for MariaDB and for MySQL; each ignores the other's. */
const SESSION = [
  // Overrides the server's default: the driver escapes with backslashes.
  `set session sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'`,
  'set session transaction isolation level read committed',
  `set session innodb_lock_wait_timeout = ${STATEMENT_MS / 1_000}`,
  `set session max_statement_time = ${STATEMENT_MS / 1_000}`,
  `set session max_execution_time = ${STATEMENT_MS}`,
];

type Answer = (error: unknown, result: MysqlQueryResult) => void;

/** A connection pool in which every wait is bounded and which survives the loss of the server. */
export class BoundedMysqlPool implements MysqlPool {
  readonly #pool: Pool;

  constructor(url: string) {
    this.#pool = createPool({
      uri: url.replace(/^mariadb:/, 'mysql:'),
      charset: 'UTF8MB4_BIN',
      connectionLimit: CONNECTIONS,
      connectTimeout: CONNECT_MS,
      idleTimeout: IDLE_MS,
      maxIdle: 1,
    });
    this.#pool.on('connection', (connection) => {
      // The user of a connection is notified of its loss; an idle connection is replaced.
      connection.on('error', () => {});
      for (const statement of SESSION) connection.query(statement, () => {});
    });
  }

  getConnection(callback: (error: unknown, connection: MysqlPoolConnection) => void): void {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      callback(new Error(`timeout: no connection within ${CONNECT_MS} ms`), undefined as never);
    }, CONNECT_MS);
    this.#pool.getConnection((error, connection) => {
      clearTimeout(timer);
      if (late) connection?.release();
      else callback(error, error ? (undefined as never) : bounded(connection));
    });
  }

  end(callback: (error: unknown) => void): void {
    // A failing connection must not prevent the close.
    this.#pool.end(() => callback(undefined));
  }
}

/** A request that failed without an answer may still be answered later: such a connection is discarded. */
function bounded(connection: PoolConnection): MysqlPoolConnection {
  let lost = false;
  const query = (text: string, values: unknown[], answer: Answer): void => {
    connection.query({ sql: text, values, timeout: SILENT_SERVER_MS }, (error: QueryError | null, result) => {
      lost ||= error !== null && !('sqlState' in error);
      answer(error, result as unknown as MysqlQueryResult);
    });
  };
  const release = (): void => (lost ? connection.destroy() : connection.release());
  return { query, release } as MysqlPoolConnection;
}
