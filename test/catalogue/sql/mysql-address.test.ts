import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { mysqlAddress } from '../../../src/catalogue/sql/dialects/mysql-address.ts';

const CA = path.join(mkdtempSync(path.join(tmpdir(), 'offhook-tls-')), 'ca.pem');
writeFileSync(CA, 'an authority');

const PLAIN = false;
const ENCRYPTED = { rejectUnauthorized: false, verifyIdentity: false };
const ISSUER = { rejectUnauthorized: true, verifyIdentity: false, ca: 'an authority' };
const ISSUER_AND_NAME = { rejectUnauthorized: true, verifyIdentity: true };

test.each([
  ['', [ENCRYPTED, PLAIN]],
  ["Aiven's and DigitalOcean's", [ENCRYPTED], '?ssl-mode=REQUIRED'],
  ['libpq’s word', [ENCRYPTED], '?sslmode=require'],
  ['Connector/J', [ISSUER_AND_NAME], '?sslMode=VERIFY_IDENTITY'],
  ['Connector/J', [ENCRYPTED], '?useSSL=true&allowPublicKeyRetrieval=true'],
  ['Connector/J', [ISSUER_AND_NAME], '?useSSL=true&requireSSL=true&verifyServerCertificate=true'],
  ['Connector/J', [PLAIN], '?useSSL=false&characterEncoding=utf8'],
  ['go-sql-driver/mysql', [ISSUER_AND_NAME], '?tls=true'],
  ['go-sql-driver/mysql', [ENCRYPTED], '?tls=skip-verify'],
  ['Prisma and PlanetScale', [ISSUER_AND_NAME], '?sslaccept=strict'],
  ['PlanetScale for mysql2', [ISSUER_AND_NAME], '?ssl={"rejectUnauthorized":true}'],
  ['mysql2', [ENCRYPTED], '?ssl={"rejectUnauthorized":false}'],
  ['mysql2', [{ rejectUnauthorized: true, verifyIdentity: false, ca: 'PEM' }], '?ssl={"ca":"PEM"}'],
  ['mysql2', [ISSUER_AND_NAME], '?ssl=true'],
  ["MySQL's programs", [ISSUER], `?ssl-ca=${CA}`],
  ["MySQL's programs", [{ ...ISSUER, verifyIdentity: true }], `?ssl-mode=VERIFY_IDENTITY&ssl-ca=${CA}`],
  ["MySQL's programs", [PLAIN], '?ssl-mode=DISABLED'],
  ["MySQL's programs", [ENCRYPTED, PLAIN], '?ssl-mode=PREFERRED'],
  ['no-verify', [ENCRYPTED], '?ssl-mode=no-verify'],
  ['a Unix socket', [PLAIN], '?socketPath=/run/mysqld/mysqld.sock'],
])('an address of MySQL demands TLS as %s does: %j', (_, ways, query = '') => {
  expect(mysqlAddress(`mysql://u:p@db.example/x${query}`).ways).toEqual(ways);
});

test('the parts of an address are decoded', () => {
  expect(mysqlAddress('mariadb://u:p%23w@[::1]:3307/calls').config).toEqual({
    host: '::1',
    port: 3307,
    user: 'u',
    password: 'p#w',
    database: 'calls',
    socketPath: '',
  });
});

test.each([
  ['?ssl-mode=MUST', /ssl-mode=MUST is not known; it may be disabled, disable, preferred/],
  ['?sslm=require', /"sslm" is not an option of this address; known are .*ssl-mode/],
  ['?ssl=Amazon', /ssl=Amazon is not known; it may be true, false or \{"rejectUnauthorized":true\}/],
  ['?ssl={rejectUnauthorized:true}', /ssl is not valid JSON; write ssl=\{"rejectUnauthorized":true\}/],
  ['?ssl={"rejectUnauthorised":true}', /ssl has "rejectUnauthorised"/],
  ['?ssl-ca=/none/ca.pem', /ssl-ca=\/none\/ca.pem cannot be read \(ENOENT\)/],
  ['?multipleStatements=true', /"multipleStatements" is not an option/],
])('%s is refused with a sentence that has no password', (query, sentence) => {
  const address = (): unknown => mysqlAddress(`mysql://u:secret@db.example/x${query}`);
  expect(address).toThrow(sentence);
  expect(address).not.toThrow(/secret/);
});

test('a certificate that must name an IP address is refused: the driver does not compare it', () => {
  expect(() => mysqlAddress('mysql://u@127.0.0.1/x?ssl-mode=VERIFY_IDENTITY')).toThrow(
    /write the host by its name/,
  );
});
