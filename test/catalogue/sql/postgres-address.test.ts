import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { postgresAddress } from '../../../src/catalogue/sql/dialects/postgres-address.ts';

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
    // As Neon, Supabase and Heroku print them in their documentation.
    ['?sslmode=require&channel_binding=require', [ISSUER_AND_NAME]],
    ['?sslmode=require&pgbouncer=true', [ENCRYPTED]],
    ['?sslmode=no-verify&uselibpqcompat=true', [ENCRYPTED]],
  ])('as a provider prints it: %s', (query, ways) => {
    expect(waysOf(query)).toEqual(ways);
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
  ['?ssl-mode=REQUIRED', /"ssl-mode" is not an option of this address; known are .*sslmode/],
  ['?schema=public', /"schema" is not an option/],
  ['?sslmode=require&sslrootcert=system', /sslrootcert=system needs sslmode=verify-full/],
  ['?sslrootcert=/none/ca.pem', /sslrootcert=\/none\/ca.pem cannot be read \(ENOENT\)/],
  ['?sslnegotiation=direct', /sslnegotiation=direct needs sslmode=require/],
  ['?client_encoding=latin1', /client_encoding=latin1 is not known/],
])('%s is refused with a sentence that has no password', (query, sentence) => {
  const address = (): unknown => postgresAddress(`postgres://u:secret@db.example/x${query}`);
  expect(address).toThrow(sentence);
  expect(address).not.toThrow(/secret/);
});
