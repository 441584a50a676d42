import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  sql,
  type SqliteDatabase,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
  type SqliteStatement,
} from 'kysely';
import Database from 'libsql';
import { closeSync, existsSync, openSync } from 'node:fs';
import path from 'node:path';
import { createDirectory } from '../../../storage/directories.ts';
import { errorCode, errorText } from '../../../storage/file-system-errors.ts';
import { isNetworkError } from '../../network-errors.ts';
import type { TableWords } from '../ddl.ts';
import type { Tables } from '../schema.ts';
import type { Db, IdRange, Phrases, SqlDialect, Tx } from './sql-dialect.ts';

/** How long to wait for another process that writes. */
const BUSY_MS = 5_000;
/** The number of cached prepared statements; the catalogue has fewer. */
const PREPARED = 200;
const INDEX_BATCH = 100;
const DAMAGED = new Set(['SQLITE_NOTADB', 'SQLITE_CORRUPT']);

/** SQLite in a file, or in memory, with an FTS5 index. It is synchronous: see `ThreadedCatalogue`. */
export class SqliteSql implements SqlDialect {
  readonly db: Db;
  readonly locksRows = false;
  readonly tables: TableWords = {
    types: {
      counter: 'integer primary key',
      key: 'text',
      text: 'text',
      number: 'real',
      whole: 'integer',
    },
  };
  readonly indexStatements = [
    // A contentless index: it stores positions, no text. Its rows are the turns.
    `create virtual table if not exists turn_words using fts5(words, content='', contentless_delete=1, tokenize='ascii')`,
  ];

  /** `file`: a path, or `:memory:`. */
  constructor(file: string) {
    const config = { database: () => Promise.resolve(openDatabase(file)) };
    this.db = new Kysely<Tables>({ dialect: new ImmediateDialect(config) });
  }

  async alone(work: (db: Db) => Promise<void>): Promise<void> {
    await this.db.transaction().execute(work);
  }

  /** A transaction that takes its snapshot at the first statement. It does not block writers. */
  atOneMoment<T>(work: (db: Db) => Promise<T>): Promise<T> {
    return this.db.connection().execute(async (db) => {
      await sql`begin`.execute(db);
      try {
        return await work(db);
      } finally {
        await sql`commit`.execute(db);
      }
    });
  }

  indexColumn(): object {
    return {};
  }

  async index(tx: Tx, turns: readonly { id: number; tokens: readonly string[] }[]): Promise<void> {
    for (let from = 0; from < turns.length; from += INDEX_BATCH) {
      const rows = turns
        .slice(from, from + INDEX_BATCH)
        .map(({ id, tokens }) => sql`(${id}, ${tokens.join(' ')})`);
      await sql`insert or replace into turn_words(rowid, words) values ${sql.join(rows)}`.execute(tx);
    }
  }

  async unindex(tx: Tx, callId: number): Promise<void> {
    const ids = sql`select id from turns where call_id = ${callId}`;
    await sql`delete from turn_words where rowid in (${ids})`.execute(tx);
  }

  holds(phrases: Phrases, { from, before }: IdRange, limit: number) {
    const match = phrases.map((phrase) => `"${phrase.join(' ')}"`).join(' ');
    // FTS5 uses a range of ids only if the bounds are integers.
    return sql<boolean>`turns.id in (select rowid from turn_words where turn_words match ${match}
      and rowid >= cast(${from} as integer) and rowid < cast(${before} as integer) order by rowid desc limit ${limit})`;
  }

  /** Merging the index drops the words of deleted rows; truncating the WAL drops their old pages. */
  async scrub(): Promise<boolean> {
    await sql`insert into turn_words(turn_words) values ('optimize')`.execute(this.db);
    const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(this.db);
    return rows[0]?.busy === 0;
  }

  classifyError(error: unknown): 'conflict' | 'down' | 'bug' {
    const code = (error as { code?: string }).code ?? '';
    const bugs = /^SQLITE_(ERROR|CONSTRAINT|MISMATCH|RANGE|MISUSE|TOOBIG)/;
    if (code.startsWith('SQLITE_')) return bugs.test(code) ? 'bug' : 'down';
    return /ConnectionFailed/.test(String(error)) || isNetworkError(error) ? 'down' : 'bug';
  }
}

function openDatabase(file: string): SqliteDatabase {
  if (file !== ':memory:') {
    createDirectory(path.dirname(file));
    // SQLite would create it readable for others; its other files get the same mode.
    if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
  }
  const database = new Database(file);
  database.exec(`pragma busy_timeout = ${BUSY_MS}`);
  useWriteAheadLog(database);
  // A power failure may lose the latest calls' rows but does not corrupt the database; the rows can be rebuilt from the
  // files.
  database.exec('pragma synchronous = normal');
  database.exec('pragma temp_store = memory');
  // Deleted data is overwritten with zeros.
  database.exec('pragma secure_delete = on');
  database.exec('pragma cache_size = -32000');
  return new PreparedDatabase(database);
}

/**
 * Readers of a write-ahead log do not wait for a writer. Network file systems cannot have one, since its index is shared
 * memory: there a rollback journal is used. Throws a sentence if the file system has no locks either, or the file is damaged.
 */
function useWriteAheadLog(database: Database.Database): void {
  try {
    database.exec('pragma journal_mode = wal');
  } catch {
    database.exec('pragma busy_timeout = 0');
    try {
      database.exec('pragma journal_mode = truncate');
    } catch (cause) {
      database.close();
      const sentence = DAMAGED.has(errorCode(cause) ?? '')
        ? `the file is damaged, or no SQLite database (${errorText(cause)}); move it away with its -wal file, then run \`offhook reindex\``
        : `SQLite cannot lock its file (${errorText(cause)}); set DATABASE_URL to a file on a local disk`;
      throw Object.assign(new Error(sentence, { cause }), { code: errorCode(cause) });
    }
    database.exec(`pragma busy_timeout = ${BUSY_MS}`);
  }
}

/** Caches prepared statements: preparing takes longer than most of them run. */
class PreparedDatabase implements SqliteDatabase {
  readonly #database: Database.Database;
  readonly #statements = new Map<string, SqliteStatement>();

  constructor(database: Database.Database) {
    this.#database = database;
  }

  prepare(text: string): SqliteStatement {
    const known = this.#statements.get(text);
    if (known) return known;
    const statement = this.#database.prepare(text) as unknown as SqliteStatement;
    if (this.#statements.size >= PREPARED) this.#statements.clear();
    this.#statements.set(text, statement);
    return statement;
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }
}

class ImmediateDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig;

  constructor(config: SqliteDialectConfig) {
    super(config);
    this.#config = config;
  }

  override createDriver(): Driver {
    return new ImmediateDriver(this.#config);
  }
}

/**
 * Transactions take the write lock at their start: one that reads first could later fail with SQLITE_BUSY without
 * waiting.
 */
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}
