import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { cookieIn } from './cookies.ts';
import { type AttemptOrigin, PasswordQueue } from './password-queue.ts';
import { SessionTable, type SharedSessions } from './session-table.ts';

/** OWASP's parameters for scrypt: N=2^17, r=8, p=1; about 0.4 s and 128 MiB. */
const SCRYPT = { r: 8, p: 1, maxmem: 256 * 1024 * 1024 } as const;
export const SCRYPT_COST = 2 ** 17;
const KEY_BYTES = 32;
export const SESSION_COOKIE = 'offhook_session';
/** The same on all machines: machines with the same password share sessions, and a new password ends all of them. */
const GROUP_SALT = 'offhook sessions';

export type LoginResult = { readonly session: string } | 'wrong' | 'busy';

/** Browser sessions: a random id in a cookie. The password is kept as its scrypt hash. */
export class SessionStore {
  /** Resolves when the sessions of other machines are known, or within a bounded time. */
  readonly ready: Promise<void>;
  readonly #salt = randomBytes(16);
  readonly #hash: Promise<Buffer> | undefined;
  readonly #sessions: SessionTable;
  readonly #checks = new PasswordQueue();
  readonly #cost: number;

  /** Without a password, login is impossible. `cost`: scrypt's N, a power of two. `shared`: undefined on a machine that is alone. */
  constructor(password: string | undefined, cost = SCRYPT_COST, shared?: SharedSessions) {
    this.#cost = cost;
    this.#hash = password === undefined ? undefined : this.#hashOf(password, this.#salt);
    this.#sessions = new SessionTable(shared);
    this.ready = password === undefined || !shared ? Promise.resolve() : this.#join(password, shared);
  }

  /** Whether a password is set. */
  get canLogIn(): boolean {
    return this.#hash !== undefined;
  }

  /**
   * The id of a new session; `wrong` if the password is wrong, `busy` if too many checks wait. Checks one password at a time
   * because hashing is expensive.
   */
  async logIn(password: string, atMs: number, origin: AttemptOrigin = 'fresh'): Promise<LoginResult> {
    const right = await this.#checks.run(origin, () => this.#check(password));
    if (right === 'busy') return 'busy';
    if (!right) return 'wrong';
    const session = randomBytes(32).toString('base64url');
    await this.#sessions.open(session, atMs);
    return { session };
  }

  logOut(id: string): void {
    this.#sessions.logOut(id);
  }

  /** As `SessionTable.onEnd`, for the session of these cookies. */
  onEnd(cookies: string | undefined, listener: () => void): () => void {
    return this.#sessions.onEnd(sessionOf(cookies) ?? '', listener);
  }

  /** Ends expired sessions. */
  tick(atMs: number): void {
    this.#sessions.tick(atMs);
  }

  /** Whether these cookies belong to a session that has not expired. Counts as a use of the session. */
  isLoggedIn(cookies: string | undefined, atMs: number): boolean {
    const id = sessionOf(cookies);
    return id !== undefined && this.#sessions.use(id, atMs);
  }

  async #join(password: string, shared: SharedSessions): Promise<void> {
    const group = await this.#hashOf(password, Buffer.from(GROUP_SALT));
    await shared.join(group.toString('base64url'), this.#sessions);
  }

  async #check(password: string): Promise<boolean> {
    const hash = await this.#hash;
    return hash !== undefined && timingSafeEqual(await this.#hashOf(password, this.#salt), hash);
  }

  #hashOf(password: string, salt: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      scrypt(password.normalize('NFC'), salt, KEY_BYTES, { ...SCRYPT, N: this.#cost }, (error, key) =>
        error ? reject(error) : resolve(key),
      );
    });
  }
}

/** The session id in a `Cookie` header. */
export function sessionOf(cookies: string | undefined): string | undefined {
  return cookieIn(cookies, SESSION_COOKIE);
}
