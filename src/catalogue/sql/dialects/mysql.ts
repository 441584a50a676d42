import { Kysely, MysqlDialect, sql } from 'kysely';
import { STATEMENT_MS } from '../../connection-limits.ts';
import { isNetworkError } from '../../network-errors.ts';
import type { TableWords } from '../ddl.ts';
import type { Tables } from '../schema.ts';
import { mysqlAddress } from './mysql-address.ts';
import { BoundedMysqlPool } from './mysql-pool.ts';
import {
  putWords,
  removeWords,
  replaceFullTextIndex,
  type TurnWords,
  turnsWithWords,
  WORD_TABLE,
} from './mysql-words.ts';
import type { Db, IdRange, Phrases, SqlDialect, Tx } from './sql-dialect.ts';

const LOCK_SECONDS = STATEMENT_MS / 1_000 - 1;

/**
 * MariaDB and MySQL with a table of our own tokens. A FULLTEXT index would keep new words in a cache and move them to its
 * tables at times: a search at that moment finds them in neither. It would also keep the words of removed turns. With two simultaneous
 * `OPTIMIZE TABLE` of such a table, MariaDB 10.11.19 ends.
 */
export class MysqlSql implements SqlDialect {
  readonly db: Db;
  readonly locksRows = true;
  readonly tables: TableWords = {
    types: {
      counter: 'bigint not null auto_increment primary key',
      // The maximum index size allows four of them and a number.
      key: 'varchar(190)',
      text: 'longtext',
      number: 'double',
      whole: 'bigint',
    },
    more: {
      turns: ['words longtext character set ascii collate ascii_bin'],
    },
    options: 'engine = InnoDB default character set utf8mb4 collate utf8mb4_bin',
    indexesInside: true,
  };
  readonly indexStatements = [WORD_TABLE];

  constructor(url: string) {
    this.db = new Kysely<Tables>({
      dialect: new MysqlDialect({ pool: new BoundedMysqlPool(mysqlAddress(url)) }),
    });
  }

  /** DDL commits implicitly in MySQL, so a named lock excludes other processes. */
  async alone(work: (db: Db) => Promise<void>): Promise<void> {
    await this.db.connection().execute(async (db) => {
      const name = sql`concat('offhook.', md5(database()))`;
      const locked = await sql<{ got: number }>`select get_lock(${name}, ${LOCK_SECONDS}) as got`.execute(db);
      if (locked.rows[0]?.got !== 1) throw new Error('timeout: another process is migrating the schema');
      try {
        await work(db);
      } finally {
        await sql`select release_lock(${name})`.execute(db);
      }
    });
  }

  atOneMoment<T>(work: (db: Db) => Promise<T>): Promise<T> {
    return this.db.transaction().setIsolationLevel('repeatable read').execute(work);
  }

  indexColumn(tokens: readonly string[]) {
    return { words: sql`${tokens.join(' ')}` };
  }

  index(tx: Tx, turns: readonly TurnWords[]): Promise<void> {
    return putWords(tx, turns);
  }

  unindex(tx: Tx, callId: number): Promise<void> {
    return removeWords(tx, callId);
  }

  moveIndex(db: Db): Promise<void> {
    return replaceFullTextIndex(db);
  }

  holds(phrases: Phrases, range: IdRange, limit: number) {
    return turnsWithWords(this.db, phrases, range, limit);
  }

  classifyError(error: unknown): 'conflict' | 'down' | 'bug' {
    const { code, sqlState, fatal } = error as { code?: string; sqlState?: string; fatal?: boolean };
    const conflicts = ['ER_DUP_ENTRY', 'ER_LOCK_DEADLOCK', 'ER_CHECKREAD'];
    if (conflicts.includes(code ?? '')) return 'conflict';
    if (fatal || code?.startsWith('PROTOCOL_') || isNetworkError(error)) return 'down';
    if (sqlState === undefined) return 'bug';
    // Invalid data, a violated constraint or a wrong statement: a retry would not help.
    return /^(21|22|23|42)/.test(sqlState) ? 'bug' : 'down';
  }
}
