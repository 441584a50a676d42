import { sql } from 'kysely';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openCatalogue } from '../../../src/catalogue/open-catalogue.ts';
import { MysqlSql } from '../../../src/catalogue/sql/dialects/mysql.ts';
import { PostgresSql } from '../../../src/catalogue/sql/dialects/postgres.ts';
import { type DatabaseServer, type ServerKind, startedServer } from '../../support/database-server.ts';
import { MARIADB } from '../../support/mariadb-server.ts';
import { POSTGRES } from '../../support/postgres-server.ts';
import { withTls } from '../../support/with-tls.ts';

const REFUSED =
  /certificate is not accepted \(self-signed certificate\): set NODE_EXTRA_CA_CERTS.*sslmode=no-verify/;
const NO_TLS = /DATABASE_URL demands TLS, which the database server does not offer/;

/** Starts the servers of a group of tests and ends them. */
function servers(
  ...kinds: readonly ServerKind[]
): readonly { readonly url: () => string; readonly folder: () => string }[] {
  const running: DatabaseServer[] = [];
  const urls: string[] = [];
  beforeAll(async () => {
    for (const kind of kinds) running.push(await startedServer(kind));
    for (const server of running) urls.push((await server.newDatabase()).replace('127.0.0.1', 'localhost'));
  });
  afterAll(() => Promise.all(running.map((server) => server.end())));
  return kinds.map((_, index) => ({ url: () => urls[index]!, folder: () => running[index]!.folder }));
}

async function open(url: string): Promise<void> {
  const catalogue = await openCatalogue(url);
  try {
    await catalogue.open();
  } finally {
    await catalogue.close();
  }
}

describe('PostgreSQL', () => {
  const tls = withTls(POSTGRES, (cert, key) => [
    ...['-c', 'ssl=on', '-c', `ssl_cert_file=${cert}`, '-c', `ssl_key_file=${key}`],
  ]);
  const [encrypting, plain] = servers(tls, POSTGRES);

  async function isEncrypted(url: string): Promise<boolean> {
    const { db } = new PostgresSql(url);
    try {
      const { rows } = await sql<{
        ssl: boolean;
      }>`select ssl from pg_stat_ssl where pid = pg_backend_pid()`.execute(db);
      return rows[0]!.ssl;
    } finally {
      await db.destroy();
    }
  }

  test.each([
    ['', true],
    ['?sslmode=disable', false],
    ['?sslmode=allow', false],
    ['?sslmode=prefer', true],
    ['?sslmode=require', true],
    ['?sslmode=no-verify', true],
  ])('with "%s" connects to a self-signed server; encrypted: %s', async (query, encrypted) => {
    expect(await isEncrypted(encrypting!.url() + query)).toBe(encrypted);
  });

  test('uses the schema, the version of TLS and the options of the address', async () => {
    const query =
      '?sslmode=require&schema=calls&ssl_max_protocol_version=TLSv1.2&options=-c%20geqo%3Doff&pgbouncer=true';
    const { db } = new PostgresSql(encrypting!.url() + query);
    try {
      const { rows } =
        await sql`select current_setting('search_path') as path, current_setting('geqo') as geqo, version
        from pg_stat_ssl where pid = pg_backend_pid()`.execute(db);
      expect(rows).toEqual([{ path: '"calls"', geqo: 'off', version: 'TLSv1.2' }]);
    } finally {
      await db.destroy();
    }
  });

  test('verifies with sslrootcert, and without it refuses with a sentence', async () => {
    expect(
      await isEncrypted(
        `${encrypting!.url()}?sslmode=verify-full&sslrootcert=${encrypting!.folder()}/cert.pem`,
      ),
    ).toBe(true);
    for (const mode of ['verify-full', 'verify-ca'])
      await expect(open(`${encrypting!.url()}?sslmode=${mode}`)).rejects.toThrow(REFUSED);
  });

  test('compares the name with verify-full alone', async () => {
    const address = encrypting!.url().replace('localhost', '127.0.0.1');
    const ca = `sslrootcert=${encrypting!.folder()}/cert.pem`;
    expect(await isEncrypted(`${address}?sslmode=verify-ca&${ca}`)).toBe(true);
    await expect(open(`${address}?sslmode=verify-full&${ca}`)).rejects.toThrow(
      /not accepted \(Hostname\/IP does not match/,
    );
  });

  test('never connects in clear to a server without TLS where the address demands it', async () => {
    for (const mode of ['require', 'verify-ca', 'verify-full', 'no-verify'])
      await expect(open(`${plain!.url()}?sslmode=${mode}`)).rejects.toThrow(NO_TLS);
    for (const mode of ['prefer', 'allow', 'disable']) await open(`${plain!.url()}?sslmode=${mode}`);
  });
});

describe('MariaDB', () => {
  const encryptedOnly = {
    ...withTls(MARIADB, (cert, key) => [
      `--ssl-cert=${cert}`,
      `--ssl-key=${key}`,
      '--require-secure-transport=ON',
    ]),
    run: async (url: string, statements: readonly string[]) => {
      const uri = url.replace(/^mariadb:/, 'mysql:');
      const connection = await createConnection({
        uri,
        connectTimeout: 5_000,
        ssl: { rejectUnauthorized: false },
      });
      for (const statement of statements) await connection.query(statement);
      await connection.end();
    },
  };
  const [encrypting, plain] = servers(encryptedOnly, MARIADB);

  async function cipherOf(url: string): Promise<string> {
    const { db } = new MysqlSql(url);
    try {
      const { rows } = await sql<{ Value: string }>`show status like 'Ssl_cipher'`.execute(db);
      return rows[0]!.Value;
    } finally {
      await db.destroy();
    }
  }

  test.each([
    '',
    '?ssl-mode=REQUIRED',
    '?sslmode=require',
    '?tls=skip-verify',
    '?useSSL=true',
    '?ssl={"rejectUnauthorized":false}',
  ])('with "%s" connects encrypted, and the driver writes nothing', async (query) => {
    const written = vi.spyOn(console, 'error');
    expect(await cipherOf(encrypting!.url() + query)).toMatch(/^TLS_/);
    expect(written).not.toHaveBeenCalled();
  });

  test('verifies with ssl-ca, and without it refuses with a sentence', async () => {
    const ca = `ssl-ca=${encrypting!.folder()}/cert.pem`;
    expect(await cipherOf(`${encrypting!.url()}?sslMode=VERIFY_IDENTITY&${ca}`)).toMatch(/^TLS_/);
    for (const query of [
      'sslMode=VERIFY_IDENTITY',
      'ssl={"rejectUnauthorized":true}',
      'tls=true',
      'ssl=true',
    ])
      await expect(open(`${encrypting!.url()}?${query}`)).rejects.toThrow(REFUSED);
  });

  test('is refused by a server that demands TLS where the address forbids it', async () => {
    await expect(open(`${encrypting!.url()}?ssl-mode=DISABLED`)).rejects.toThrow(
      /Access denied|require_secure_transport/,
    );
  });

  test('never connects in clear to a server without TLS where the address demands it', async () => {
    for (const query of [
      'ssl-mode=REQUIRED',
      'sslmode=require',
      'sslMode=VERIFY_IDENTITY',
      'ssl=true',
      'tls=true',
    ])
      await expect(open(`${plain!.url()}?${query}`)).rejects.toThrow(NO_TLS);
    for (const query of ['ssl-mode=PREFERRED', 'ssl-mode=DISABLED']) await open(`${plain!.url()}?${query}`);
  });
});
