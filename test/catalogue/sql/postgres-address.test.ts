import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { MYSQL_IGNORED } from '../../../src/catalogue/sql/dialects/mysql-options.ts';
import { postgresAddress } from '../../../src/catalogue/sql/dialects/postgres-address.ts';
import { POSTGRES_IGNORED } from '../../../src/catalogue/sql/dialects/postgres-options.ts';

const CA = path.join(mkdtempSync(path.join(tmpdir(), 'offhook-tls-')), 'ca.pem');
writeFileSync(CA, 'an authority');

const PLAIN = false;
const ENCRYPTED = { rejectUnauthorized: false, verifyIdentity: false };
const ISSUER = { rejectUnauthorized: true, verifyIdentity: false, ca: 'an authority' };
const ISSUER_AND_NAME = { rejectUnauthorized: true, verifyIdentity: true };

function waysOf(query: string) {
  return postgresAddress(`postgres://u:p@db.example/x${query}`).ways;
}

describe('the sslmode of an address of PostgreSQL means what libpq means', () => {
  test.each([
    ['', [ENCRYPTED, PLAIN]],
    ['?sslmode=disable', [PLAIN]],
    ['?sslmode=allow', [PLAIN, ENCRYPTED]],
    ['?sslmode=prefer', [ENCRYPTED, PLAIN]],
    ['?sslmode=require', [ENCRYPTED]],
    [`?sslmode=require&sslrootcert=${CA}`, [ISSUER]],
    [`?sslmode=verify-ca&sslrootcert=${CA}`, [ISSUER]],
    ['?sslmode=verify-ca', [ISSUER_AND_NAME]],
    ['?sslmode=verify-full', [ISSUER_AND_NAME]],
    [`?sslmode=verify-full&sslrootcert=${CA}`, [{ ...ISSUER, verifyIdentity: true }]],
    ['?sslrootcert=system', [ISSUER_AND_NAME]],
    ['?sslmode=no-verify', [ENCRYPTED]],
    [`?sslmode=no-verify&sslrootcert=${CA}`, [ENCRYPTED]],
    ['?ssl=true', [ISSUER_AND_NAME]],
    ['?ssl=no-verify', [ENCRYPTED]],
    ['?ssl=false', [PLAIN]],
  ])('"%s"', (query, ways) => {
    expect(waysOf(query)).toEqual(ways);
  });

  test.each([
    ['neon.com/docs/guides/prisma', '?sslmode=require&channel_binding=require', [ISSUER_AND_NAME]],
    ['neon.com/docs/guides/prisma', '?sslmode=require&connect_timeout=15&pool_timeout=15', [ENCRYPTED]],
    ['prisma/docs, 880-supabase.mdx', '?pgbouncer=true&connection_limit=1', [ENCRYPTED, PLAIN]],
    ['POSTGRES_URL of Supabase’s Vercel integration', '?sslmode=require&supa=base-pooler.x', [ENCRYPTED]],
    ['brianc/node-postgres, pg-connection-string', '?sslmode=no-verify&uselibpqcompat=true', [ENCRYPTED]],
    [
      'cockroachlabs.com/docs/v21.1/connect-to-the-database',
      `?ssl=true&sslmode=require&sslrootcert=${CA}&sslkey=${CA}&sslcert=${CA}`,
      [{ ...ISSUER, cert: 'an authority', key: 'an authority' }],
    ],
    ['prisma/docs, 300-postgresql.mdx', '?sslmode=require&sslaccept=strict', [ISSUER_AND_NAME]],
    ['prisma/docs, 300-postgresql.mdx', '?sslmode=require&sslaccept=accept_invalid_certs', [ENCRYPTED]],
    ['asyncpg, connect()', '?ssl=require', [ENCRYPTED]],
    ['libpq, requiressl', '?requiressl=1', [ENCRYPTED]],
    [
      'libpq, ssl_min_protocol_version',
      '?sslmode=require&ssl_min_protocol_version=TLSv1.3&sslcompression=0&sslsni=1',
      [{ ...ENCRYPTED, minVersion: 'TLSv1.3' }],
    ],
    ['libpq, sslcrl', `?sslmode=verify-full&sslcrl=${CA}`, [{ ...ISSUER_AND_NAME, crl: 'an authority' }]],
    [
      'libpq, sslpassword',
      `?sslmode=require&sslcert=${CA}&sslkey=${CA}&sslpassword=p`,
      [{ ...ENCRYPTED, cert: 'an authority', key: 'an authority', passphrase: 'p' }],
    ],
  ])('as its documentation has it: %s: %s', (_, query, ways) => {
    expect(waysOf(query)).toEqual(ways);
  });
});

describe('other options of an address of PostgreSQL', () => {
  test.each([
    [
      'libpq',
      '?keepalives=1&keepalives_idle=30&keepalives_interval=5&keepalives_count=3&tcp_user_timeout=9000',
    ],
    ['libpq', '?connect_timeout=10&load_balance_hosts=random'],
    ['prisma/docs, 300-postgresql.mdx', '?connection_limit=5&pool_timeout=2&socket_timeout=3&pgbouncer=true'],
    ['prisma/docs, 300-postgresql.mdx', '?statement_cache_size=0'],
    ['Supabase’s Vercel integration', '?supa=base-pooler.x&workaround=supabase-pooler.vercel'],
    [
      'jdbc.postgresql.org/documentation/use',
      '?prepareThreshold=0&reWriteBatchedInserts=true&tcpKeepAlive=true',
    ],
    [
      'jackc/pgx, pgxpool.ParseConfig',
      '?pool_max_conns=10&pool_max_conn_lifetime=1h30m&default_query_exec_mode=exec',
    ],
    ['SQLAlchemy with asyncpg', '?prepared_statement_cache_size=0'],
  ])('without an effect are named: %s: %s', (_, query) => {
    const names = [...new URLSearchParams(query).keys()];
    const { ignored } = postgresAddress(`postgres://u:p@db.example/x${query}`);
    expect([...ignored].sort()).toEqual(names.sort());
  });

  test('that concern TLS are never without an effect', () => {
    expect(
      [...POSTGRES_IGNORED, ...MYSQL_IGNORED].filter((name) => /(?<!g)ssl|tls|cert|channel/i.test(name)),
    ).toEqual([]);
  });

  test.each([
    // https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
    '?target_session_attrs=read-write',
    '?target_session_attrs=any&gssencmode=prefer',
    '?gssencmode=disable&client_encoding=UTF8',
    // https://jdbc.postgresql.org/documentation/use/#connection-parameters
    '?targetServerType=primary&gssEncMode=disable',
  ])('with the value that offhook has anyway are accepted: %s', (query) => {
    expect(postgresAddress(`postgres://u:p@db.example/x${query}`).ignored).toEqual([]);
  });

  test.each([
    // https://neon.com/docs/connect/connection-errors: the endpoint of clients without SNI
    ['?options=endpoint%3Dep-cool-1', 'endpoint=ep-cool-1'],
    ['?schema=public', undefined],
    ['?schema=myschema', '-c search_path="myschema"'],
    ['?currentSchema=one,two', '-c search_path="one","two"'],
    ['?options=-c%20geqo%3Doff&schema=My%20calls', String.raw`-c geqo=off -c search_path="My\ calls"`],
  ])('are sent to the server: %s', (query, options) => {
    expect(postgresAddress(`postgres://u:p@db.example/x${query}`).config.options).toBe(options);
  });

  test('name the application', () => {
    const named = (query: string) => postgresAddress(`postgres://u@h/x${query}`).config.application_name;
    expect(named('?application_name=desk')).toBe('desk');
    expect(named('?ApplicationName=desk')).toBe('desk');
    expect(named('?fallback_application_name=desk')).toBe('desk');
    expect(named('')).toBe('offhook');
  });
});

test('the parts of an address are decoded, and options may replace them', () => {
  expect(postgresAddress('postgres://u:p%23w@[::1]:5433/my%20calls?application_name=a').config).toMatchObject(
    {
      host: '::1',
      port: 5433,
      user: 'u',
      password: 'p#w',
      database: 'my calls',
      application_name: 'a',
    },
  );
  expect(postgresAddress('postgres://u@x/calls?host=/run/postgresql').config.host).toBe('/run/postgresql');
});

test.each([
  ['?sslmode=requird', /sslmode=requird is not known; it may be disable, allow, prefer, require, verify-ca/],
  ['?ssl-mode=REQUIRED', /ssl-mode=REQUIRED is not known; it may be disable, allow, prefer, require/],
  ['?sslmod=require', /"sslmod" is not an option of this address; known are .*sslmode/],
  ['?sslmode=require&ssl_mode=disable', /sslmode and ssl_mode are one option with two values/],
  ['?gssencmode=require', /gssencmode=require is not known; it may be disable, prefer/],
  [
    '?target_session_attrs=read-only',
    /target_session_attrs=read-only is not known; it may be any, read-write/,
  ],
  ['?require_auth=scram-sha-256', /require_auth is not supported; to be sure of the server, write sslmode/],
  ['?sslsni=0', /sslsni=0 is not known; it may be 1/],
  ['?sslcertmode=require', /sslcertmode=require is not known; it may be disable, allow/],
  [
    '?sslidentity=c.p12&sslpassword=secret',
    /sslidentity is not supported; write sslcert=FILE and sslkey=FILE/,
  ],
  [`?sslcert=${CA}`, /sslcert and sslkey .* both are needed; .* authority is sslrootcert=FILE/],
  ['?sslmode=verify-ca&sslaccept=accept_invalid_certs', /sslaccept=accept_invalid_certs contradicts/],
  ['?ssl_min_protocol_version=SSLv3', /ssl_min_protocol_version=SSLv3 is not known; it may be TLSv1, /],
  [
    '?sslfactory=org.postgresql.ssl.NonValidatingFactory',
    /sslfactory is not supported; write sslmode=verify/,
  ],
  ['?passfile=/p', /passfile is not supported; write the password into the address/],
  ['?host=a,b', /several hosts are not supported/],
  ['?sslmode=require&sslrootcert=system', /sslrootcert=system needs sslmode=verify-full/],
  ['?sslrootcert=/none/ca.pem', /sslrootcert=\/none\/ca.pem cannot be read \(ENOENT\)/],
  ['?sslnegotiation=direct', /sslnegotiation=direct needs sslmode=require/],
  ['?client_encoding=latin1', /client_encoding=latin1 is not known/],
])('%s is refused with a sentence that has no password', (query, sentence) => {
  const address = (): unknown => postgresAddress(`postgres://u:secret@db.example/x${query}`);
  expect(address).toThrow(sentence);
  expect(address).not.toThrow(/secret/);
});
