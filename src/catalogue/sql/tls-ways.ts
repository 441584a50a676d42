/** As libpq names them: https://www.postgresql.org/docs/current/libpq-ssl.html */
export type TlsMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

export interface TlsCheck {
  /** Whether a trusted authority must have issued the certificate. */
  readonly rejectUnauthorized: boolean;
  /** Whether the certificate must be for the host of the address. */
  readonly verifyIdentity: boolean;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** The password of the key. */
  readonly passphrase?: string | undefined;
  /** Certificates that their authority has revoked. PostgreSQL only: mysql2 does not pass it on. */
  readonly crl?: string | undefined;
  readonly minVersion?: TlsVersion | undefined;
  readonly maxVersion?: TlsVersion | undefined;
}

export const TLS_VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
export type TlsVersion = (typeof TLS_VERSIONS)[number];

/** One way to connect; false: without TLS. */
export type TlsWay = TlsCheck | false;

type Certificates = Omit<TlsCheck, 'rejectUnauthorized' | 'verifyIdentity'>;

/** The ways that a mode allows. The next one is tried only if the server rejects the former. */
export function tlsWays(mode: TlsMode, certificates: Certificates): readonly TlsWay[] {
  const own = certificates.ca !== undefined;
  const unchecked = { ...certificates, rejectUnauthorized: false, verifyIdentity: false };
  const issuer = { ...certificates, rejectUnauthorized: true, verifyIdentity: false };
  const issuerAndName = { ...issuer, verifyIdentity: true };
  const ways: Record<TlsMode, readonly TlsWay[]> = {
    disable: [false],
    allow: [false, unchecked],
    prefer: [unchecked, false],
    require: [own ? issuer : unchecked],
    // Anybody can get a certificate of a public authority for a name of their own.
    'verify-ca': [own ? issuer : issuerAndName],
    'verify-full': [issuerAndName],
  };
  return ways[mode];
}

/** The database cannot be used as its address demands. A retry would not help. */
export class TlsRefused extends Error {
  override readonly name = 'TlsRefused';
}

/** Connects in the first way that the server accepts, and starts with that way from then on. */
export class TlsWays<Pool> {
  readonly #ways: readonly TlsWay[];
  readonly #open: (way: TlsWay) => Pool;
  readonly #pools = new Map<TlsWay, Pool>();
  #at = 0;

  constructor(ways: readonly TlsWay[], open: (way: TlsWay) => Pool) {
    this.#ways = ways;
    this.#open = open;
  }

  get pools(): readonly Pool[] {
    return [...this.#pools.values()];
  }

  async connect<Connection>(connect: (pool: Pool) => Promise<Connection>): Promise<Connection> {
    for (let tries = 1; ; tries++) {
      const at = this.#at;
      try {
        return await connect(this.#poolOf(this.#ways[at]!));
      } catch (error) {
        if (!isAboutTls(error)) throw error;
        if (tries >= this.#ways.length) throw explained(error as Error);
        // Another connection may already have moved on.
        if (this.#at === at) this.#at = (at + 1) % this.#ways.length;
      }
    }
  }

  #poolOf(way: TlsWay): Pool {
    const pool = this.#pools.get(way) ?? this.#open(way);
    this.#pools.set(way, pool);
    return pool;
  }
}

const NO_TLS = /does not support (SSL|secure) connection/i;
const CERTIFICATE = /certificate|altnames/i;
/** PostgreSQL's "no pg_hba.conf entry" and MariaDB's `require_secure_transport`. */
const OTHER_WAY_WANTED = new Set(['28000', 'ER_SECURE_TRANSPORT_REQUIRED', 'HANDSHAKE_SSL_ERROR', 'EPROTO']);

function isAboutTls(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code = '', errno } = error as { code?: string; errno?: number };
  const { message } = error;
  if (NO_TLS.test(message) || /establishing an SSL connection/.test(message)) return true;
  return OTHER_WAY_WANTED.has(code) || errno === 3_159 || /^ERR_(SSL|TLS)_|CERT/.test(code);
}

function explained(cause: Error): Error {
  if (NO_TLS.test(cause.message))
    return new TlsRefused(
      'DATABASE_URL demands TLS, which the database server does not offer; sslmode=disable in the address connects without it.',
      { cause },
    );
  if (!CERTIFICATE.test(cause.message)) return cause;
  return new TlsRefused(
    `The database's certificate is not accepted (${cause.message}): set NODE_EXTRA_CA_CERTS, or sslrootcert in DATABASE_URL, to the file of its authority; sslmode=no-verify encrypts without checking the certificate.`,
    { cause },
  );
}
