import { Kysely, MysqlDialect, sql } from 'kysely';
import { STATEMENT_MS } from '../../connection-limits.ts';
import { isNetworkError } from '../../network-errors.ts';
import type { TableWords } from '../ddl.ts';
import type { Tables } from '../schema.ts';
import { mysqlAddress } from './mysql-address.ts';
import { BoundedMysqlPool } from './mysql-pool.ts';
import type { Db, IdRange, Phrases, SqlDialect } from './sql-dialect.ts';

const LOCK_SECONDS = STATEMENT_MS / 1_000 - 1;

/** A word that occurs in at least this many of this many newest turns counts as common. */
const SAMPLE = 2_000;
const COMMON = 100;

/** MariaDB and MySQL with a FULLTEXT index over our own tokens. */
export class MysqlSql implements SqlDialect {
  readonly db: Db;
  readonly locksRows = true;
  /**
   * InnoDB keeps new words in a cache and moves them to the index tables at times. A search that begins before this move is
   * committed and reads the cache after it finds them in neither (measured on MariaDB 10.11.19); the next one does, unless it meets another move.
   */
  readonly indexMayMiss = true;
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
      turns: [
        'words longtext character set ascii collate ascii_bin',
        'fulltext index turns_by_words (words)',
      ],
    },
    options: 'engine = InnoDB default character set utf8mb4 collate utf8mb4_bin',
    indexesInside: true,
  };
  readonly indexStatements = [];

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

  index(): Promise<void> {
    return Promise.resolve();
  }

  unindex(): Promise<void> {
    return Promise.resolve();
  }

  /**
   * FULLTEXT reads every match before it returns one, so a common word would take longer with every call. Common words
   * are therefore searched in the turns themselves, from the newest on.
   */
  async holds(phrases: Phrases, { from, before }: IdRange, limit: number) {
    const each = phrases.map((phrase) => sql`concat(' ', words, ' ') like ${`% ${phrase.join(' ')} %`}`);
    const inTurns = sql<boolean>`(${sql.join(each, sql` and `)})`;
    const range = sql`id >= ${from} and id < ${before}`;
    const newest = sql`select words from turns where ${range} order by id desc limit ${SAMPLE}`;
    const { rows } = await sql<{ count: number }>`select count(*) as count from (${newest}) as newest
      where ${inTurns}`.execute(this.db);
    if (rows[0]!.count >= COMMON)
      // A derived table in between: MySQL allows no limit in the innermost subquery, and the order must be kept.
      return sql<boolean>`turns.id in (select id from (select id from turns where ${range} and ${inTurns}
        order by id desc limit ${limit}) as found)`;
    const query = phrases.map((phrase) => `+"${phrase.join(' ')}"`).join(' ');
    return sql<boolean>`match(turns.words) against(${query} in boolean mode)`;
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
