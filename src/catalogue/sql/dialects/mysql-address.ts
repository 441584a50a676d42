import { isIP } from 'node:net';
import { type AddressOptions, serverAddress } from '../server-address.ts';
import { readCertificate, type TlsCheck, type TlsMode, type TlsWay, tlsWays } from '../tls-ways.ts';

export interface MysqlAddress {
  /** An empty text is absent. */
  readonly config: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    readonly database: string;
    readonly socketPath: string;
  };
  readonly ways: readonly TlsWay[];
}

const PORT = 3_306;

/**
 * The words of MySQL's programs (`ssl-mode`), of libpq, which many providers print for MySQL too, and of the drivers for
 * Java (`sslMode`), Go (`tls`) and Prisma (`sslaccept`).
 */
const MODES: Readonly<Record<string, TlsMode | 'no-verify'>> = {
  disabled: 'disable',
  disable: 'disable',
  preferred: 'prefer',
  prefer: 'prefer',
  required: 'require',
  require: 'require',
  'verify-ca': 'verify-ca',
  'verify-identity': 'verify-full',
  'verify-full': 'verify-full',
  'no-verify': 'no-verify',
};
const TLS: Readonly<Record<string, TlsMode | 'no-verify'>> = {
  true: 'verify-full',
  false: 'disable',
  preferred: 'prefer',
  'skip-verify': 'no-verify',
};
const SSL: Readonly<Record<string, TlsMode>> = {
  true: 'verify-full',
  1: 'verify-full',
  false: 'disable',
  0: 'disable',
};
const USE_SSL: Readonly<Record<string, TlsMode>> = { true: 'require', false: 'disable' };
const ACCEPT: Readonly<Record<string, TlsMode | 'no-verify'>> = {
  strict: 'verify-full',
  'accept-invalid-certs': 'no-verify',
};
const VERIFY: Readonly<Record<string, TlsMode | undefined>> = { true: 'verify-full', false: undefined };

/** Reads an address; its options for TLS are those of many programs, because providers print them all. */
export function mysqlAddress(url: string): MysqlAddress {
  const {
    options,
    host,
    port = PORT,
    user = '',
    password = '',
    database,
  } = serverAddress(url.replace(/^mariadb:/, 'mysql:'));
  const socketPath = options.take('socketPath', 'socket') ?? '';
  const ways = tlsOf(options);
  options.choose({ utf8: true, utf8mb4: true, 'utf-8': true }, 'charset', 'characterEncoding');
  // Waits and the number of connections have our own limits; keys are always requested over the connection.
  for (const name of [
    'connectTimeout',
    'connect_timeout',
    'connectionLimit',
    'connection_limit',
    'allowPublicKeyRetrieval',
  ])
    options.take(name);
  options.end();
  // The driver compares an IP address with "localhost" instead.
  if (isIP(host) > 0 && ways.some((way) => way && way.verifyIdentity))
    throw options.error(
      'the certificate of an IP address cannot be checked; write the host by its name, or give the certificate of its authority with ssl-mode=VERIFY_CA and ssl-ca=FILE.',
    );
  const config = { host, port, user, password, database, socketPath };
  return { config, ways: socketPath === '' ? ways : [false] };
}

function tlsOf(options: AddressOptions): readonly TlsWay[] {
  const certificates = {
    ca: fileOf(options, 'ssl-ca', 'ssl_ca', 'sslca', 'sslrootcert'),
    cert: fileOf(options, 'ssl-cert', 'ssl_cert', 'sslcert'),
    key: fileOf(options, 'ssl-key', 'ssl_key', 'sslkey'),
  };
  const written = [
    options.choose(MODES, 'ssl-mode', 'ssl_mode', 'sslmode', 'sslMode'),
    options.choose(TLS, 'tls'),
    options.choose(ACCEPT, 'sslaccept'),
    options.choose(VERIFY, 'ssl-verify-server-cert', 'verifyServerCertificate'),
    options.choose(USE_SSL, 'requireSSL'),
    options.choose(USE_SSL, 'useSSL'),
  ].find((mode) => mode !== undefined);
  const ssl = options.take('ssl');
  if (written === undefined && ssl?.startsWith('{')) return [objectWay(options, ssl, certificates)];
  const short = ssl === undefined ? undefined : SSL[ssl.toLowerCase()];
  if (ssl !== undefined && !ssl.startsWith('{') && short === undefined)
    throw options.error(`ssl=${ssl} is not known; it may be true, false or {"rejectUnauthorized":true}.`);
  // As MySQL's programs do.
  const mode = written ?? short ?? (certificates.ca === undefined ? 'prefer' : 'verify-ca');
  return mode === 'no-verify'
    ? tlsWays('require', { ...certificates, ca: undefined })
    : tlsWays(mode, certificates);
}

function fileOf(options: AddressOptions, ...names: readonly string[]): string | undefined {
  return readCertificate(options, names[0]!, options.take(...names));
}

/** The driver's own form, as in `ssl={"rejectUnauthorized":true}`. */
function objectWay(
  options: AddressOptions,
  written: string,
  files: Pick<TlsCheck, 'ca' | 'cert' | 'key'>,
): TlsCheck {
  const known = ['rejectUnauthorized', 'verifyIdentity', 'ca', 'cert', 'key'];
  const given = parsed(options, written);
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) throw options.error(`ssl has "${unknown}"; known are ${known.join(', ')}.`);
  const { rejectUnauthorized = true, ca = files.ca, cert = files.cert, key = files.key } = given;
  const verifyIdentity = given.verifyIdentity ?? (rejectUnauthorized && ca === undefined);
  return { rejectUnauthorized, verifyIdentity, ca, cert, key };
}

function parsed(options: AddressOptions, written: string): Partial<TlsCheck> {
  try {
    return JSON.parse(written) as Partial<TlsCheck>;
  } catch {
    throw options.error('ssl is not valid JSON; write ssl={"rejectUnauthorized":true}.');
  }
}
