import path from 'node:path';
import type { Catalogue } from './catalogue.ts';
import type { ProxyChoice } from './dynamo/dynamo-catalogue.ts';
import { ThreadedCatalogue } from './sql/threaded-catalogue.ts';

/** Accepted forms of `DATABASE_URL`. */
export const CATALOGUE_URLS =
  'an absolute path or sqlite:PATH (SQLite; sqlite::memory: keeps nothing), postgres://, postgresql://, mysql://, mariadb:// or dynamodb://REGION/PREFIX';

/** Opens one kind of database. Its driver is loaded on first use. */
type Driver = (url: string, proxyFor?: ProxyChoice) => Promise<Catalogue>;

const DRIVERS: Readonly<Record<string, Driver>> = {
  sqlite: (url) => Promise.resolve(new ThreadedCatalogue(sqliteFile(url))),
  postgres: postgresAt,
  postgresql: postgresAt,
  mysql: mysqlAt,
  mariadb: mysqlAt,
  dynamodb: dynamoAt,
};

/** Returns the catalogue for a URL. It connects on `open()` or on the first request. */
export async function openCatalogue(url: string, proxyFor?: ProxyChoice): Promise<Catalogue> {
  if (path.isAbsolute(url)) return new ThreadedCatalogue(url);
  const driver = DRIVERS[/^([a-z]+):/.exec(url)?.[1] ?? ''];
  // The URL may contain a password.
  if (!driver) throw new Error(`The catalogue's URL must be ${CATALOGUE_URLS}.`);
  return driver(url, proxyFor);
}

/** The names of options in the URL that have no effect here. Throws if the URL cannot be used. */
export async function ignoredOptions(url: string): Promise<readonly string[]> {
  if (/^postgres(ql)?:/.test(url))
    return (await import('./sql/dialects/postgres-address.ts')).postgresAddress(url).ignored;
  if (/^(mysql|mariadb):/.test(url))
    return (await import('./sql/dialects/mysql-address.ts')).mysqlAddress(url).ignored;
  return [];
}

async function postgresAt(url: string): Promise<Catalogue> {
  const [{ SqlCatalogue }, { PostgresSql }] = await Promise.all([
    import('./sql/sql-catalogue.ts'),
    import('./sql/dialects/postgres.ts'),
  ]);
  return new SqlCatalogue(new PostgresSql(url));
}

async function mysqlAt(url: string): Promise<Catalogue> {
  const [{ SqlCatalogue }, { MysqlSql }] = await Promise.all([
    import('./sql/sql-catalogue.ts'),
    import('./sql/dialects/mysql.ts'),
  ]);
  return new SqlCatalogue(new MysqlSql(url));
}

async function dynamoAt(url: string, proxyFor?: ProxyChoice): Promise<Catalogue> {
  const { DynamoCatalogue } = await import('./dynamo/dynamo-catalogue.ts');
  return new DynamoCatalogue(url, proxyFor);
}

function sqliteFile(url: string): string {
  const file = url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '');
  if (file === ':memory:') return file;
  if (file === '')
    throw new Error('sqlite: needs a path after it, as in sqlite:/var/lib/offhook/catalogue.db.');
  return path.resolve(file);
}
