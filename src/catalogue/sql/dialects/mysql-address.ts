import { isIP } from 'node:net';
import { type AddressOptions, serverAddress } from '../server-address.ts';
import { checkKeyPair, readCertificate, versionsOf } from '../tls-options.ts';
import { type TlsCheck, type TlsMode, type TlsWay, tlsWays } from '../tls-ways.ts';
import { MYSQL_REFUSED, MYSQL_IGNORED } from './mysql-options.ts';

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
  /** Names of options that change nothing. */
  readonly ignored: readonly string[];
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
  // MariaDB Connector/J
  trust: 'no-verify',
};
const TLS: Readonly<Record<string, TlsMode | 'no-verify'>> = {
  true: 'verify-full',
  false: 'disable',
  preferred: 'prefer',
  'skip-verify': 'no-verify',
};
const SSL: Readonly<Record<string, TlsMode>> = {
  '': 'require',
  true: 'verify-full',
  1: 'verify-full',
  false: 'disable',
  0: 'disable',
};
/** The programs of MariaDB and MySQL take an option without a value for a switch. */
const YES_NO: Readonly<Record<string, boolean>> = { '': true, true: true, 1: true, false: false, 0: false };
const ACCEPT: Readonly<Record<string, TlsMode | 'no-verify'>> = {
  strict: 'verify-full',
  'accept-invalid-certs': 'no-verify',
};
const STRENGTH = ['disable', 'allow', 'prefer', 'no-verify', 'require', 'verify-ca', 'verify-full'] as const;

/** Reads an address; its options for TLS are those of many programs, because providers print them all. */
export function mysqlAddress(url: string): MysqlAddress {
  const { options, port = PORT, ...parts } = serverAddress(url.replace(/^mariadb:/, 'mysql:'));
  options.refuse(MYSQL_REFUSED);
  const socketPath = options.take('socketPath', 'socket', 'unix_socket') ?? '';
  const ways = tlsOf(options);
  const encoding = options.take('charset', 'characterEncoding', 'character_set') ?? 'utf8';
  if (!/^utf-?8/i.test(encoding))
    throw options.error(`charset=${encoding} is not supported; texts are in UTF-8, so leave it out.`);
  const { host } = parts;
  const user = options.take('user') ?? parts.user ?? '';
  const password = options.take('password') ?? parts.password ?? '';
  options.ignore(MYSQL_IGNORED);
  options.end();
  // The driver compares an IP address with "localhost" instead.
  if (isIP(host) > 0 && ways.some((way) => way && way.verifyIdentity))
    throw options.error(
      'the certificate of an IP address cannot be checked; write the host by its name, or give the certificate of its authority with ssl-mode=VERIFY_CA and ssl-ca=FILE.',
    );
  const config = { host, port, user, password, database: parts.database, socketPath };
  return { config, ways: socketPath === '' ? ways : [false], ignored: options.ignored };
}

function tlsOf(options: AddressOptions): readonly TlsWay[] {
  const cert = fileOf(options, 'ssl-cert', 'sslcert');
  const key = fileOf(options, 'ssl-key', 'sslkey');
  checkKeyPair(options, { cert, key }, { cert: 'ssl-cert', key: 'ssl-key', ca: 'ssl-ca' });
  const certificates = {
    ca: fileOf(options, 'ssl-ca', 'sslrootcert', 'serverSslCert'),
    ...{ cert, key, passphrase: options.take('ssl-key-password', 'sslpassword') },
    ...versionsOf(options, 'tls-version', 'tlsVersions', 'enabledTLSProtocols', 'enabledSslProtocolSuites'),
  };
  const demanded = demandsOf(options);
  const ssl = options.take('ssl');
  if (ssl?.startsWith('{')) {
    if (demanded !== undefined)
      throw options.error('ssl={…} and another option for TLS are there; write one of them.');
    return [objectWay(options, ssl, certificates)];
  }
  const short = ssl === undefined ? undefined : SSL[ssl.toLowerCase()];
  if (ssl !== undefined && short === undefined)
    throw options.error(`ssl=${ssl} is not known; it may be true, false or {"rejectUnauthorized":true}.`);
  // As MySQL's programs do.
  const mode = demanded ?? short ?? (certificates.ca === undefined ? 'prefer' : 'verify-ca');
  return mode === 'no-verify'
    ? tlsWays('require', { ...certificates, ca: undefined })
    : tlsWays(mode, certificates);
}

/** The strongest of what the options demand: a demand must not be lost because of another option. */
function demandsOf(options: AddressOptions): TlsMode | 'no-verify' | undefined {
  const yes = (
    then: TlsMode | 'no-verify',
    ...names: readonly string[]
  ): TlsMode | 'no-verify' | undefined => (options.choose(YES_NO, ...names) ? then : undefined);
  const demands = [
    options.choose(MODES, 'ssl-mode'),
    options.choose(TLS, 'tls'),
    options.choose(ACCEPT, 'sslaccept'),
    yes('verify-full', 'ssl-verify-server-cert', 'verifyServerCertificate', 'ssl_verify_identity'),
    yes('verify-ca', 'ssl_verify_cert', 'disableSslHostnameVerification'),
    yes('no-verify', 'trustServerCertificate'),
    yes('require', 'requireSSL'),
    yes('disable', 'ssl_disabled', 'skip-ssl'),
    useSsl(options),
  ];
  return STRENGTH.findLast((strength) => demands.includes(strength));
}

function useSsl(options: AddressOptions): TlsMode | undefined {
  const use = options.choose(YES_NO, 'useSSL');
  return use === undefined ? undefined : use ? 'require' : 'disable';
}

function fileOf(options: AddressOptions, ...names: readonly string[]): string | undefined {
  return readCertificate(options, names[0]!, options.take(...names));
}

/** The driver's own form, as in `ssl={"rejectUnauthorized":true}`. */
function objectWay(options: AddressOptions, written: string, files: Partial<TlsCheck>): TlsCheck {
  const known = [
    'rejectUnauthorized',
    'verifyIdentity',
    'ca',
    'cert',
    'key',
    'passphrase',
    'minVersion',
    'maxVersion',
  ];
  const given = parsed(options, written);
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) throw options.error(`ssl has "${unknown}"; known are ${known.join(', ')}.`);
  const { rejectUnauthorized = true, ca = files.ca } = given;
  const verifyIdentity = given.verifyIdentity ?? (rejectUnauthorized && ca === undefined);
  return { ...files, ...given, rejectUnauthorized, verifyIdentity, ca };
}

function parsed(options: AddressOptions, written: string): Partial<TlsCheck> {
  try {
    return JSON.parse(written) as Partial<TlsCheck>;
  } catch {
    throw options.error('ssl is not valid JSON; write ssl={"rejectUnauthorized":true}.');
  }
}
