import type pg from 'pg';
import { type AddressOptions, serverAddress } from '../server-address.ts';
import { checkKeyPair, readCertificate, versionOf } from '../tls-options.ts';
import { type TlsMode, type TlsWay, tlsWays } from '../tls-ways.ts';
import { POSTGRES_REFUSED, POSTGRES_IGNORED } from './postgres-options.ts';

export interface PostgresAddress {
  readonly config: pg.ClientConfig;
  readonly ways: readonly TlsWay[];
  /** Names of options that change nothing. */
  readonly ignored: readonly string[];
}

const MODES: Readonly<Record<string, TlsMode | 'no-verify'>> = {
  disable: 'disable',
  allow: 'allow',
  prefer: 'prefer',
  require: 'require',
  'verify-ca': 'verify-ca',
  'verify-full': 'verify-full',
  'no-verify': 'no-verify',
};
/** The driver's own option. */
const SSL: Readonly<Record<string, TlsMode | 'no-verify'>> = {
  true: 'verify-full',
  1: 'verify-full',
  false: 'disable',
  0: 'disable',
  'no-verify': 'no-verify',
  // asyncpg: https://magicstack.github.io/asyncpg/current/api/index.html
  allow: 'allow',
  prefer: 'prefer',
  require: 'require',
  'verify-ca': 'verify-ca',
  'verify-full': 'verify-full',
};
/** Before PostgreSQL 8.0. */
const REQUIRES: Readonly<Record<string, TlsMode>> = { 1: 'require', 0: 'prefer' };
const ACCEPTS: Readonly<Record<string, 'strict' | 'any'>> = {
  strict: 'strict',
  'accept-invalid-certs': 'any',
};
const BINDINGS = { disable: false, prefer: true, require: 'require' } as const;
const NEGOTIATIONS = { postgres: 'postgres', direct: 'direct' } as const;
const ENCRYPTED = ['require', 'verify-ca', 'verify-full', 'no-verify'];

/**
 * Reads an address as libpq does, also its `sslmode`: https://www.postgresql.org/docs/current/libpq-connect.html. The
 * driver would read `require` as `verify-full`, and `prefer` too.
 */
export function postgresAddress(url: string): PostgresAddress {
  const { options, ...parts } = serverAddress(url);
  options.refuse(POSTGRES_REFUSED);
  const { sslNegotiation, ...tls } = tlsOf(options);
  const port = options.take('port');
  if (port !== undefined && !/^\d{1,5}$/u.test(port)) throw options.error(`port=${port} is no port number.`);
  const config = {
    host: options.take('host') ?? parts.host,
    port: port === undefined ? parts.port : Number(port),
    user: options.take('user') ?? parts.user,
    password: options.take('password') ?? parts.password,
    database: options.take('dbname') ?? parts.database,
    application_name: applicationName(options),
    options: serverOptions(options),
    enableChannelBinding: tls.channelBinding,
    sslnegotiation: sslNegotiation,
  };
  if (config.host.includes(',')) throw options.error('several hosts are not supported; name one of them.');
  onlyHarmless(options);
  options.ignore(POSTGRES_IGNORED);
  options.end();
  return { config, ways: tls.ways, ignored: options.ignored };
}

function applicationName(options: AddressOptions): string {
  const fallback = options.take('fallback_application_name');
  return options.take('application_name', 'ApplicationName') ?? fallback ?? 'offhook';
}

/** What the server is started with: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-OPTIONS */
function serverOptions(options: AddressOptions): string | undefined {
  const written = options.take('options');
  // The names of Prisma, libpq’s parameters in pgx, and JDBC.
  const schemas = options.take('schema', 'search_path', 'currentSchema');
  if (schemas === undefined || schemas === 'public') return written;
  const path = schemas
    .split(',')
    .map(
      (name) =>
        `"${name
          .trim()
          .replace(/^"(.*)"$/, '$1')
          .replaceAll('"', '""')}"`,
    )
    .join(',');
  return [written, `-c search_path=${path.replaceAll(/[\\\s]/g, String.raw`\$&`)}`].filter(Boolean).join(' ');
}

/** Options of which some values change nothing, and others cannot be kept. */
function onlyHarmless(options: AddressOptions): void {
  options.choose({ utf8: true, 'utf-8': true, unicode: true, auto: true }, 'client_encoding', 'charset');
  options.choose({ disable: true, prefer: true }, 'gssencmode', 'gssEncMode');
  // There is one host, and it must be writable anyway.
  const servers = { any: true, 'read-write': true, primary: true, 'prefer-standby': true };
  options.choose({ ...servers, master: true, preferprimary: true, prefersecondary: true }, ...TARGETS);
  options.choose({ false: true, off: true, no: true, 0: true }, 'replication', 'readOnly');
  options.choose({ '3.0': true }, 'min_protocol_version');
  options.choose({ '3.0': true, 3.2: true, latest: true }, 'max_protocol_version');
}

const TARGETS = ['target_session_attrs', 'targetServerType'];

function tlsOf(options: AddressOptions) {
  const system = options.take('sslrootcert');
  const rootCert = system === 'system' ? undefined : system;
  const mode = modeOf(options, system === 'system');
  const binding = options.choose(BINDINGS, 'channel_binding', 'channelBinding');
  // The driver cannot insist on channel binding. A certificate that is checked protects from the same attacks.
  const bound = binding === 'require' ? 'verify-full' : mode;
  const sslNegotiation = options.choose(NEGOTIATIONS, 'sslnegotiation');
  if (sslNegotiation === 'direct' && !ENCRYPTED.includes(bound))
    throw options.error('sslnegotiation=direct needs sslmode=require or stronger.');
  const certificates = {
    ca: bound === 'no-verify' ? undefined : readCertificate(options, 'sslrootcert', rootCert),
    ...clientCertificate(options),
    crl: readCertificate(options, 'sslcrl', options.take('sslcrl')),
    minVersion: versionOf(options, 'ssl_min_protocol_version'),
    maxVersion: versionOf(options, 'ssl_max_protocol_version'),
  };
  options.choose({ true: true }, 'uselibpqcompat');
  // Node always names the host, and never compresses.
  options.choose({ 1: true }, 'sslsni');
  options.choose({ 0: true, 1: true }, 'sslcompression');
  const ways = tlsWays(bound === 'no-verify' ? 'require' : bound, certificates);
  return { ways, channelBinding: Boolean(binding), sslNegotiation };
}

function modeOf(options: AddressOptions, strict: boolean): TlsMode | 'no-verify' {
  const written = options.choose(MODES, 'sslmode');
  const short = options.choose(SSL, 'ssl');
  const old = options.choose(REQUIRES, 'requiressl');
  if (written === 'disable' && short !== undefined && short !== 'disable')
    throw options.error('ssl contradicts sslmode=disable; write sslmode alone.');
  const mode = written ?? short ?? old ?? (strict ? 'verify-full' : 'prefer');
  if (strict && mode !== 'verify-full')
    throw options.error('sslrootcert=system needs sslmode=verify-full, or no sslmode.');
  const accept = options.choose(ACCEPTS, 'sslaccept');
  if (accept === 'any' && mode.startsWith('verify'))
    throw options.error(`sslaccept=accept_invalid_certs contradicts sslmode=${mode}; write sslmode alone.`);
  return accept === 'strict' ? 'verify-full' : mode;
}

function clientCertificate(options: AddressOptions) {
  const sent = options.choose({ disable: false, allow: true }, 'sslcertmode') ?? true;
  const cert = readCertificate(options, 'sslcert', options.take('sslcert'));
  const key = readCertificate(options, 'sslkey', options.take('sslkey'));
  const passphrase = options.take('sslpassword');
  checkKeyPair(options, { cert, key }, { cert: 'sslcert', key: 'sslkey', ca: 'sslrootcert' });
  return sent ? { cert, key, passphrase } : {};
}
