import { Kysely, MysqlDialect, sql } from 'kysely';
import { STATEMENT_MS } from '../../connection-limits.ts';
import { isNetworkError } from '../../network-errors.ts';
import type { TableWords } from '../ddl.ts';
import type { Tables } from '../schema.ts';
import { BoundedMysqlPool } from './mysql-pool.ts';
import type { Db, IdRange, Phrases, SqlDialect } from './sql-dialect.ts';

const LOCK_SECONDS = STATEMENT_MS / 1_000 - 1;

/** Of so many of the newest turns, so many hold what is common. */
const SAMPLE = 2_000;
const COMMON = 100;

/** MariaDB and MySQL with a FULLTEXT index of our own words. */
export class MysqlSql implements SqlDialect {
  readonly db: Db;
  readonly locksRows = true;
  readonly tables: TableWords = {
    types: {
      counter: 'bigint not null auto_increment primary key',
      // Four of them and a number are as much as an index takes.
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
    this.db = new Kysely<Tables>({ dialect: new MysqlDialect({ pool: new BoundedMysqlPool(url) }) });
  }

  /** Statements that change tables end a transaction here, so a lock by name keeps the others out. */
  async alone(work: (db: Db) => Promise<void>): Promise<void> {
    await this.db.connection().execute(async (db) => {
      const name = sql`concat('offhook.', md5(database()))`;
      const locked = await sql<{ got: number }>`select get_lock(${name}, ${LOCK_SECONDS}) as got`.execute(db);
      if (locked.rows[0]?.got !== 1)
        throw new Error('timeout: another process is bringing the schema up to date');
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
   * FULLTEXT reads every match before it gives one, so that a common word would take the longer the more calls there are.
   * What stands in many of the newest turns is therefore looked for in the turns themselves, from the newest on.
   */
  async holds(phrases: Phrases, { from, before }: IdRange, limit: number) {
    const each = phrases.map((phrase) => sql`concat(' ', words, ' ') like ${`% ${phrase.join(' ')} %`}`);
    const inTurns = sql<boolean>`(${sql.join(each, sql` and `)})`;
    const range = sql`id >= ${from} and id < ${before}`;
    const newest = sql`select words from turns where ${range} order by id desc limit ${SAMPLE}`;
    const { rows } = await sql<{ count: number }>`select count(*) as count from (${newest}) as newest
      where ${inTurns}`.execute(this.db);
    if (rows[0]!.count >= COMMON)
      // A table of its own in between: a limit may not stand in the innermost one, and the order must be its own.
      return sql<boolean>`turns.id in (select id from (select id from turns where ${range} and ${inTurns}
        order by id desc limit ${limit}) as found)`;
    const wanted = phrases.map((phrase) => `+"${phrase.join(' ')}"`).join(' ');
    return sql<boolean>`match(turns.words) against(${wanted} in boolean mode)`;
  }

  judge(error: unknown): 'again' | 'down' | 'ours' {
    const { code, sqlState, fatal } = error as { code?: string; sqlState?: string; fatal?: boolean };
    const met = ['ER_DUP_ENTRY', 'ER_LOCK_DEADLOCK', 'ER_CHECKREAD'];
    if (met.includes(code ?? '')) return 'again';
    if (fatal || code?.startsWith('PROTOCOL_') || isNetworkError(error)) return 'down';
    if (sqlState === undefined) return 'ours';
    // Wrong data, a broken rule, a wrong statement: asking again would not help.
    return /^(21|22|23|42)/.test(sqlState) ? 'ours' : 'down';
  }
}
