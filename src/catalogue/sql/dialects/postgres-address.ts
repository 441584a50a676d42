import type pg from 'pg';
import { type AddressOptions, serverAddress } from '../server-address.ts';
import { readCertificate, type TlsMode, type TlsWay, tlsWays } from '../tls-ways.ts';

export interface PostgresAddress {
  readonly config: pg.ClientConfig;
  readonly ways: readonly TlsWay[];
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
  const { sslNegotiation, ...tls } = tlsOf(options);
  const port = options.take('port');
  const config = {
    host: options.take('host') ?? parts.host,
    port: port === undefined ? parts.port : Number(port),
    user: options.take('user') ?? parts.user,
    password: options.take('password') ?? parts.password,
    database: options.take('dbname') ?? parts.database,
    application_name: options.take('application_name') ?? 'offhook',
    options: options.take('options'),
    enableChannelBinding: tls.channelBinding,
    sslnegotiation: sslNegotiation,
  };
  options.choose({ utf8: true, 'utf-8': true, auto: true }, 'client_encoding');
  // Waits have our own limits, and no statement is prepared by name.
  options.take('connect_timeout');
  options.take('pgbouncer');
  options.choose({ true: true }, 'uselibpqcompat');
  options.end();
  return { config, ways: tls.ways };
}

function tlsOf(options: AddressOptions) {
  const system = options.take('sslrootcert');
  const rootCert = system === 'system' ? undefined : system;
  const written = options.choose(MODES, 'sslmode');
  const short = options.choose(SSL, 'ssl');
  const strict = system === 'system' ? 'verify-full' : undefined;
  let mode = written ?? short ?? strict ?? 'prefer';
  if (strict && mode !== strict)
    throw options.error('sslrootcert=system needs sslmode=verify-full, or no sslmode.');
  const binding = options.choose(BINDINGS, 'channel_binding');
  // The driver cannot insist on channel binding. A certificate that is checked protects from the same attacks.
  if (binding === 'require') mode = 'verify-full';
  const sslNegotiation = options.choose(NEGOTIATIONS, 'sslnegotiation');
  if (sslNegotiation === 'direct' && !ENCRYPTED.includes(mode))
    throw options.error('sslnegotiation=direct needs sslmode=require or stronger.');
  const certificates = {
    ca: mode === 'no-verify' ? undefined : readCertificate(options, 'sslrootcert', rootCert),
    cert: readCertificate(options, 'sslcert', options.take('sslcert')),
    key: readCertificate(options, 'sslkey', options.take('sslkey')),
  };
  const ways = tlsWays(mode === 'no-verify' ? 'require' : mode, certificates);
  return { ways, channelBinding: Boolean(binding), sslNegotiation };
}
