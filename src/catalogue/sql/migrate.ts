import { sql } from 'kysely';
import { NewerCatalogue } from '../newer-catalogue.ts';
import { createTable } from './ddl.ts';
import type { Db, SqlDialect } from './dialects/sql-dialect.ts';
import { TABLES } from './schema.ts';

/** What leads from each version of the schema to the next; every statement may be run again after a crash. */
const STEPS: readonly ((flavour: SqlDialect) => readonly string[])[] = [
  (flavour) => [...TABLES.flatMap((table) => createTable(table, flavour.tables)), ...flavour.indexStatements],
];

/** The version that this code reads and writes. */
const SCHEMA_VERSION = STEPS.length;

/** Brings the database up to date. When several processes come at once, one does it and the others find it done. */
export async function migrate(flavour: SqlDialect): Promise<void> {
  await flavour.alone(async (db) => {
    const { types } = flavour.tables;
    await run(db, `create table if not exists catalogue_schema (version ${types.whole} not null)`);
    const found = await db.selectFrom('catalogue_schema').select('version').execute();
    const version = Math.max(0, ...found.map((row) => row.version));
    if (version > SCHEMA_VERSION)
      throw new NewerCatalogue(
        `The catalogue's database has schema version ${version}, and this offhook knows version ${SCHEMA_VERSION}: ` +
          `use the offhook that wrote it, or give a new database and run reindex.`,
      );
    for (let next = version; next < SCHEMA_VERSION; next++) {
      for (const statement of STEPS[next]!(flavour)) await run(db, statement);
      await db
        .insertInto('catalogue_schema')
        .values({ version: next + 1 })
        .execute();
    }
  });
}

async function run(db: Db, statement: string): Promise<void> {
  await sql.raw(statement).execute(db);
}
