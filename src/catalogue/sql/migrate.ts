import { sql } from 'kysely';
import { NewerCatalogue } from '../newer-catalogue.ts';
import { createTable } from './ddl.ts';
import type { Db, SqlDialect } from './dialects/sql-dialect.ts';
import { FIRST_TABLES, MICROPHONES, RECORDINGS_WITHOUT_WORDS } from './schema.ts';

/** A migration step. Everything in it is idempotent, so a crash can be followed by a rerun. */
type Step = (dialect: SqlDialect, db: Db) => Promise<void>;

/** The steps from each schema version to the next. */
const STEPS: readonly Step[] = [
  statements((dialect) => [
    ...FIRST_TABLES.flatMap((table) => createTable(table, dialect.tables)),
    ...dialect.indexStatements,
  ]),
  // Their words are entered from the files.
  statements((dialect) => [
    // A repeated step finds the old table dropped.
    ...createTable(RECORDINGS_WITHOUT_WORDS, dialect.tables),
    ...createTable(MICROPHONES, dialect.tables),
    `insert into microphones (name, created_at_ms, size_bytes, duration_ms, sha256, format, transcription, keywords)
      select name, created_at_ms, size_bytes, duration_ms, sha256, 'wav', 'none', '[]' from microphone_recordings
      where name not in (select name from microphones)`,
    'drop table microphone_recordings',
  ]),
  (dialect, db) => dialect.moveIndex?.(db) ?? Promise.resolve(),
];

/** The schema version that this code reads and writes. */
const SCHEMA_VERSION = STEPS.length;

/**
 * Migrates the database to the current schema. If several processes start at once, one migrates and the others find the
 * work done.
 */
export async function migrate(dialect: SqlDialect): Promise<void> {
  await dialect.alone(async (db) => {
    const { types } = dialect.tables;
    await run(db, `create table if not exists catalogue_schema (version ${types.whole} not null)`);
    const found = await db.selectFrom('catalogue_schema').select('version').execute();
    const version = Math.max(0, ...found.map((row) => row.version));
    if (version > SCHEMA_VERSION)
      throw new NewerCatalogue(
        `The catalogue's database has schema version ${version}, and this version of offhook supports version ${SCHEMA_VERSION}: ` +
          `use the version of offhook that wrote it, or set DATABASE_URL to a new database and run reindex.`,
      );
    for (let next = version; next < SCHEMA_VERSION; next++) {
      await STEPS[next]!(dialect, db);
      await db
        .insertInto('catalogue_schema')
        .values({ version: next + 1 })
        .execute();
    }
  });
}

function statements(of: (dialect: SqlDialect) => readonly string[]): Step {
  return async (dialect, db) => {
    for (const statement of of(dialect)) await run(db, statement);
  };
}

async function run(db: Db, statement: string): Promise<void> {
  await sql.raw(statement).execute(db);
}
