import type { MysqlPool, MysqlPoolConnection, MysqlQueryResult } from 'kysely';
import {
  createPool,
  type Pool,
  type PoolConnection,
  type PoolOptions,
  type QueryError,
  type SslOptions,
} from 'mysql2';
import { CONNECT_MS, CONNECTIONS, IDLE_MS, SILENT_SERVER_MS, STATEMENT_MS } from '../../connection-limits.ts';
import { type TlsWay, TlsWays } from '../tls-ways.ts';
import type { MysqlAddress } from './mysql-address.ts';

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
  readonly #ways: TlsWays<Pool>;

  constructor({ config, ways }: MysqlAddress) {
    this.#ways = new TlsWays(ways, (way) => openPool(config, way));
  }

  getConnection(callback: (error: unknown, connection: MysqlPoolConnection) => void): void {
    this.#ways.connect(connectionOf).then(
      (connection) => callback(null, bounded(connection)),
      (error: unknown) => callback(error, undefined as never),
    );
  }

  end(callback: (error: unknown) => void): void {
    // A failing connection must not prevent the close.
    const ends = this.#ways.pools.map((pool) => new Promise<void>((resolve) => pool.end(() => resolve())));
    void Promise.all(ends).then(() => callback(undefined));
  }
}

function openPool(config: MysqlAddress['config'], way: TlsWay): Pool {
  const options: PoolOptions = {
    ...config,
    charset: 'UTF8MB4_BIN',
    connectionLimit: CONNECTIONS,
    connectTimeout: CONNECT_MS,
    idleTimeout: IDLE_MS,
    maxIdle: 1,
  };
  // The driver changes the object.
  if (way) options.ssl = JSON.parse(JSON.stringify(way)) as SslOptions;
  const pool = createPool(options);
  pool.on('connection', (connection) => {
    // The user of a connection is notified of its loss; an idle connection is replaced.
    connection.on('error', () => {});
    for (const statement of SESSION) connection.query(statement, () => {});
  });
  return pool;
}

function connectionOf(pool: Pool): Promise<PoolConnection> {
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      reject(new Error(`timeout: no connection within ${CONNECT_MS} ms`));
    }, CONNECT_MS);
    pool.getConnection((error, connection) => {
      clearTimeout(timer);
      if (late) connection?.release();
      else if (error) reject(error);
      else resolve(connection);
    });
  });
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
