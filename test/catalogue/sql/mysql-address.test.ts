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
  ['prisma.io/docs, PlanetScale', [ISSUER_AND_NAME], '?sslaccept=strict&connect_timeout=30&pool_timeout=30'],
  [
    'pingcap/docs, SQLAlchemy',
    [{ ...ISSUER, verifyIdentity: true }],
    `?ssl_ca=${CA}&ssl_verify_cert=true&ssl_verify_identity=true`,
  ],
  ['the option file of MariaDB’s client', [ISSUER_AND_NAME], '?ssl&ssl-verify-server-cert'],
  ['MySQL’s programs', [ISSUER_AND_NAME], '?ssl-mode=REQUIRED&ssl-verify-server-cert=1'],
  ['an environment variable', [ENCRYPTED], '?SSL_MODE=REQUIRED'],
  ['MariaDB Connector/J', [ENCRYPTED], '?sslMode=trust'],
  ['MariaDB Connector/J', [{ ...ISSUER, verifyIdentity: true }], `?sslMode=verify-full&serverSslCert=${CA}`],
  ['MariaDB Connector/J', [ENCRYPTED], '?useSSL=true&trustServerCertificate=true'],
  [
    'Connector/J',
    [{ ...ENCRYPTED, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' }],
    '?sslMode=REQUIRED&tlsVersions=TLSv1.2,TLSv1.3',
  ],
  ['Connector/J, two that contradict', [ENCRYPTED], '?useSSL=false&requireSSL=true'],
  ['a Unix socket', [PLAIN], '?socketPath=/run/mysqld/mysqld.sock'],
])('an address of MySQL demands TLS as %s does: %j', (_, ways, query = '') => {
  expect(mysqlAddress(`mysql://u:p@db.example/x${query}`).ways).toEqual(ways);
});

test.each([
  [
    'dev.mysql.com, Connector/J properties',
    '?useUnicode=true&serverTimezone=UTC&useLegacyDatetimeCode=false&zeroDateTimeBehavior=CONVERT_TO_NULL',
  ],
  [
    'dev.mysql.com, Connector/J properties',
    '?allowPublicKeyRetrieval=true&rewriteBatchedStatements=true&autoReconnect=true&allowMultiQueries=true',
  ],
  [
    'go-sql-driver/mysql, README',
    '?parseTime=true&loc=Local&collation=utf8mb4_unicode_ci&interpolateParams=true',
  ],
  ['go-sql-driver/mysql, README', '?timeout=90s&readTimeout=30s&multiStatements=true&maxAllowedPacket=0'],
  ['prisma/docs, 400-mysql.mdx', '?connection_limit=5&socket_timeout=3&pool_timeout=2&connect_timeout=5'],
  [
    'sidorares/node-mysql2, documentation',
    '?connectionLimit=10&waitForConnections=true&multipleStatements=true',
  ],
])('options without an effect are named: %s: %s', (_, query) => {
  const names = [...new URLSearchParams(query).keys()];
  expect([...mysqlAddress(`mysql://u:p@db.example/x${query}`).ignored].sort()).toEqual(names.sort());
});

test.each(['utf8', 'UTF-8', 'utf8mb4', 'utf8mb4,utf8', 'utf8mb4_unicode_ci'])(
  'the encoding %s is the one that offhook uses',
  (encoding) => {
    for (const name of ['charset', 'characterEncoding'])
      expect(mysqlAddress(`mysql://u:p@h/x?${name}=${encoding}`).ignored).toEqual([]);
  },
);

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
  ['?flags=-SSL', /"flags" is not an option/],
  ['?charset=latin1', /charset=latin1 is not supported; texts are in UTF-8/],
  ['?ssl={"rejectUnauthorized":false}&ssl-mode=VERIFY_CA', /ssl=\{…\} and another option for TLS/],
  ['?trustCertificateKeyStoreUrl=file:ts', /trustCertificateKeyStoreUrl is not supported; .* ssl-ca=FILE/],
  [`?ssl-crl=${CA}`, /ssl-crl is not supported; a list of revoked certificates cannot be checked/],
  [`?sslcert=${CA}&sslaccept=strict`, /both are needed; .* authority is ssl-ca=FILE/],
  ['?tls-version=SSLv3', /tls-version=SSLv3 is not known; it may be TLSv1, TLSv1.1/],
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
