import { LRUCache } from 'lru-cache';
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { cookieIn } from './cookies.ts';
import { type AttemptOrigin, PasswordQueue } from './password-queue.ts';

const IDLE_TIMEOUT_MS = 12 * 3_600_000;
const MAX_AGE_MS = 7 * 24 * 3_600_000;
/** Beyond this number the least recently used session is logged out. */
const MAX_SESSIONS = 1_000;
/** OWASP's parameters for scrypt: N=2^17, r=8, p=1; about 0.4 s and 128 MiB. */
const SCRYPT = { r: 8, p: 1, maxmem: 256 * 1024 * 1024 } as const;
export const SCRYPT_COST = 2 ** 17;
const KEY_BYTES = 32;
export const SESSION_COOKIE = 'offhook_session';

export type LoginResult = { readonly session: string } | 'wrong' | 'busy';

interface Session {
  readonly sinceMs: number;
  usedAtMs: number;
  /** Called when the session ends. */
  readonly endListeners: Set<() => void>;
}

/** Browser sessions, in memory only: a random id in a cookie. The password is kept as its scrypt hash. */
export class SessionStore {
  readonly #salt = randomBytes(16);
  readonly #hash: Promise<Buffer> | undefined;
  readonly #sessions = new LRUCache<string, Session>({
    max: MAX_SESSIONS,
    dispose: ({ endListeners }) => {
      for (const listener of endListeners) listener();
    },
  });
  readonly #checks = new PasswordQueue();

  readonly #cost: number;

  /** Without a password, login is impossible. `cost`: scrypt's N, a power of two. */
  constructor(password: string | undefined, cost = SCRYPT_COST) {
    this.#cost = cost;
    this.#hash = password === undefined ? undefined : this.#hashOf(password);
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
    return right ? { session: this.#open(atMs) } : 'wrong';
  }

  logOut(id: string): void {
    this.#sessions.delete(id);
  }

  /** Calls `listener` when the session of these cookies ends; returns a function that unsubscribes. A session with listeners does not idle out. */
  onEnd(cookies: string | undefined, listener: () => void): () => void {
    const session = this.#sessions.peek(sessionOf(cookies) ?? '');
    session?.endListeners.add(listener);
    return () => session?.endListeners.delete(listener);
  }

  /** Ends expired sessions. */
  tick(atMs: number): void {
    for (const [id, session] of [...this.#sessions.entries()]) {
      if (session.endListeners.size > 0) session.usedAtMs = atMs;
      if (isExpired(session, atMs)) this.logOut(id);
    }
  }

  /** Whether these cookies belong to a session that has not expired. Counts as a use of the session. */
  isLoggedIn(cookies: string | undefined, atMs: number): boolean {
    const id = sessionOf(cookies);
    const session = id === undefined ? undefined : this.#sessions.get(id);
    if (id === undefined || !session) return false;
    if (isExpired(session, atMs)) {
      this.logOut(id);
      return false;
    }
    session.usedAtMs = atMs;
    return true;
  }

  #open(atMs: number): string {
    const id = randomBytes(32).toString('base64url');
    this.#sessions.set(id, { sinceMs: atMs, usedAtMs: atMs, endListeners: new Set() });
    return id;
  }

  async #check(password: string): Promise<boolean> {
    const hash = await this.#hash;
    return hash !== undefined && timingSafeEqual(await this.#hashOf(password), hash);
  }

  #hashOf(password: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      scrypt(password.normalize('NFC'), this.#salt, KEY_BYTES, { ...SCRYPT, N: this.#cost }, (error, key) =>
        error ? reject(error) : resolve(key),
      );
    });
  }
}

function isExpired({ sinceMs, usedAtMs }: Session, atMs: number): boolean {
  return atMs - usedAtMs > IDLE_TIMEOUT_MS || atMs - sinceMs > MAX_AGE_MS;
}

/** The session id in a `Cookie` header. */
export function sessionOf(cookies: string | undefined): string | undefined {
  return cookieIn(cookies, SESSION_COOKIE);
}
