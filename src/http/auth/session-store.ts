import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** Not used for so long, a session is over; and however much it is used, after this. */
const IDLE_MS = 12 * 3_600_000;
const LONGEST_MS = 7 * 24 * 3_600_000;
/** Browsers that are logged in at once; the one not used longest is logged out. */
const MOST_SESSIONS = 1_000;
/** RFC 9106 and OWASP's advice for scrypt: N=2^17, r=8, p=1; about 0.4 s and 128 MiB. */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 } as const;
const KEY_BYTES = 32;
export const SESSION_COOKIE = 'offhook_session';

interface Session {
  readonly sinceMs: number;
  usedAtMs: number;
  /** Sockets that it opened: told when it is over. */
  readonly overs: Set<() => void>;
}

/**
 * Who is logged in. A session is a random name in a cookie; what it means is known here alone and forgotten with the
 * process. The password itself is kept as its scrypt hash.
 */
export class SessionStore {
  readonly #salt = randomBytes(16);
  readonly #hash: Promise<Buffer> | undefined;
  readonly #sessions = new Map<string, Session>();
  #checking: Promise<unknown> = Promise.resolve();

  /** Without a password nobody can log in. */
  constructor(password: string | undefined) {
    this.#hash = password === undefined ? undefined : this.#hashOf(password);
  }

  /** Whether there is a password to log in with. */
  get possible(): boolean {
    return this.#hash !== undefined;
  }

  /** A new session's name; undefined where the password is wrong. One password is checked at a time: it is hard work. */
  logIn(password: string, atMs: number): Promise<string | undefined> {
    const checked = this.#checking.then(() => this.#check(password));
    this.#checking = checked.catch(() => undefined);
    return checked.then((right) => (right ? this.#open(atMs) : undefined));
  }

  logOut(name: string): void {
    const session = this.#sessions.get(name);
    this.#sessions.delete(name);
    for (const over of session?.overs ?? []) over();
  }

  /** Has `over` called when the session of these cookies ends; gives what takes that back. While it is wanted the session is in use. */
  whenOver(cookies: string | undefined, over: () => void): () => void {
    const session = this.#sessions.get(sessionOf(cookies) ?? '');
    session?.overs.add(over);
    return () => session?.overs.delete(over);
  }

  /** Ends what is over, and with it the sockets that it opened. */
  tick(atMs: number): void {
    for (const [name, session] of this.#sessions) {
      if (session.overs.size > 0) session.usedAtMs = atMs;
      if (isOver(session, atMs)) this.logOut(name);
    }
  }

  /** Whether a request with these cookies is logged in. */
  holds(cookies: string | undefined, atMs: number): boolean {
    const name = sessionOf(cookies);
    const session = name === undefined ? undefined : this.#sessions.get(name);
    if (!session) return false;
    if (isOver(session, atMs)) {
      this.logOut(name!);
      return false;
    }
    session.usedAtMs = atMs;
    // The least used stand first.
    this.#sessions.delete(name!);
    this.#sessions.set(name!, session);
    return true;
  }

  #open(atMs: number): string {
    const name = randomBytes(32).toString('base64url');
    this.#sessions.set(name, { sinceMs: atMs, usedAtMs: atMs, overs: new Set() });
    for (const leastUsed of this.#sessions.keys()) {
      if (this.#sessions.size <= MOST_SESSIONS) break;
      this.logOut(leastUsed);
    }
    return name;
  }

  async #check(password: string): Promise<boolean> {
    const hash = await this.#hash;
    return hash !== undefined && timingSafeEqual(await this.#hashOf(password), hash);
  }

  #hashOf(password: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      scrypt(password.normalize('NFC'), this.#salt, KEY_BYTES, SCRYPT, (error, key) =>
        error ? reject(error) : resolve(key),
      );
    });
  }
}

function isOver({ sinceMs, usedAtMs }: Session, atMs: number): boolean {
  return atMs - usedAtMs > IDLE_MS || atMs - sinceMs > LONGEST_MS;
}

/** The session's name in a `Cookie` header. */
export function sessionOf(cookies: string | undefined): string | undefined {
  for (const cookie of (cookies ?? '').split(';')) {
    const [name, value] = cookie.trim().split('=', 2);
    if (name === SESSION_COOKIE && value) return value;
  }
  return undefined;
}
