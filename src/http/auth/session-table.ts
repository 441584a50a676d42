import { LRUCache } from 'lru-cache';
import { createHash } from 'node:crypto';

const IDLE_TIMEOUT_MS = 12 * 3_600_000;
const MAX_AGE_MS = 7 * 24 * 3_600_000;
/** What is known of a session is forgotten a day after it has expired: clocks of machines may differ. */
export const SESSION_KNOWN_MS = MAX_AGE_MS + 24 * 3_600_000;
/** Beyond this number the least recently used session is logged out. */
const MAX_SESSIONS = 1_000;
/** Sessions that ended are remembered, so that a machine that has not heard of it does not revive one. */
const MAX_ENDED = 10_000;
/** How often other machines are told that a session is in use. */
const TELL_USE_EVERY_MS = 60_000;

/** When a session was opened and last used, in epoch milliseconds. Of one that ended nothing is used any more. */
export interface SessionTimes {
  readonly sinceMs: number;
  readonly usedAtMs: number | 'ended';
}

/** The sessions of this machine, named by the digests of their ids. */
export interface KnownSessions {
  /** What another machine says of a session. Saying it again changes nothing. */
  learn(digest: string, times: SessionTimes): void;
  /** All sessions, and those that ended, but see `isForgotten`. */
  known(atMs: number): Iterable<readonly [digest: string, times: SessionTimes]>;
}

/** Shares the sessions of several machines. Nobody can log in with what it stores. */
export interface SharedSessions {
  /**
   * `sessions` learn from now on what other machines do. `group`: only machines with the same one share sessions. Resolves when the
   * present ones are known, or within a bounded time.
   */
  join(group: string, sessions: KnownSessions): Promise<void>;
  /** Tells the other machines. Resolves when it is written, or within a bounded time; never rejects. */
  tell(digest: string, times: SessionTimes): Promise<void>;
}

interface Session {
  readonly sinceMs: number;
  usedAtMs: number;
  /** When other machines were last told that it is in use. */
  toldAtMs: number;
  /** Called when the session ends. */
  readonly endListeners: Set<() => void>;
}

/** Sessions in memory, by the SHA-256 digest of their ids. */
export class SessionTable implements KnownSessions {
  readonly #shared: SharedSessions | undefined;
  readonly #sessions = new LRUCache<string, Session>({
    max: MAX_SESSIONS,
    dispose: (session, digest, reason) => {
      if (reason === 'evict') this.#tellEnd(digest, session);
      for (const listener of session.endListeners) listener();
    },
  });
  /** By digest, when they were opened. */
  readonly #ended = new LRUCache<string, number>({ max: MAX_ENDED });

  constructor(shared?: SharedSessions) {
    this.#shared = shared;
  }

  /** Resolves when the other machines know the session, or within a bounded time. */
  async open(id: string, atMs: number): Promise<void> {
    const digest = digestOf(id);
    const sinceMs = Math.floor(atMs);
    this.#add(digest, { sinceMs, usedAtMs: sinceMs });
    await this.#shared?.tell(digest, { sinceMs, usedAtMs: sinceMs });
  }

  logOut(id: string): void {
    const digest = digestOf(id);
    const session = this.#sessions.peek(digest);
    if (!session) return;
    this.#tellEnd(digest, session);
    this.#sessions.delete(digest);
  }

  /** Calls `listener` when the session ends; returns a function that unsubscribes. A session with listeners does not idle out. */
  onEnd(id: string, listener: () => void): () => void {
    const session = this.#sessions.peek(digestOf(id));
    session?.endListeners.add(listener);
    return () => session?.endListeners.delete(listener);
  }

  /** Ends expired sessions. Each machine does that by itself. */
  tick(atMs: number): void {
    for (const [digest, session] of [...this.#sessions.entries()]) {
      if (session.endListeners.size > 0) this.#use(digest, session, atMs);
      if (isExpired(session, atMs)) this.#sessions.delete(digest);
    }
  }

  /** Whether there is such a session that has not expired. Counts as a use of it. */
  use(id: string, atMs: number): boolean {
    const digest = digestOf(id);
    const session = this.#sessions.get(digest);
    if (!session) return false;
    if (isExpired(session, atMs)) {
      this.#sessions.delete(digest);
      return false;
    }
    this.#use(digest, session, atMs);
    return true;
  }

  learn(digest: string, { sinceMs, usedAtMs }: SessionTimes): void {
    if (usedAtMs === 'ended') {
      this.#ended.set(digest, sinceMs);
      this.#sessions.delete(digest);
      return;
    }
    if (this.#ended.has(digest)) return;
    const session = this.#sessions.get(digest);
    if (!session) this.#add(digest, { sinceMs, usedAtMs });
    else if (usedAtMs > session.usedAtMs) session.usedAtMs = session.toldAtMs = usedAtMs;
  }

  *known(atMs: number): Iterable<readonly [string, SessionTimes]> {
    for (const [digest, { sinceMs, usedAtMs }] of [...this.#sessions.entries()])
      yield [digest, { sinceMs, usedAtMs }];
    for (const [digest, sinceMs] of [...this.#ended.entries()])
      if (isForgotten(sinceMs, atMs)) this.#ended.delete(digest);
      else yield [digest, { sinceMs, usedAtMs: 'ended' }];
  }

  #add(digest: string, { sinceMs, usedAtMs }: { sinceMs: number; usedAtMs: number }): void {
    this.#sessions.set(digest, { sinceMs, usedAtMs, toldAtMs: usedAtMs, endListeners: new Set() });
  }

  #use(digest: string, session: Session, atMs: number): void {
    session.usedAtMs = Math.max(session.usedAtMs, Math.floor(atMs));
    if (atMs - session.toldAtMs < TELL_USE_EVERY_MS) return;
    session.toldAtMs = atMs;
    void this.#shared?.tell(digest, { sinceMs: session.sinceMs, usedAtMs: session.usedAtMs });
  }

  #tellEnd(digest: string, { sinceMs }: Session): void {
    this.#ended.set(digest, sinceMs);
    void this.#shared?.tell(digest, { sinceMs, usedAtMs: 'ended' });
  }
}

function isExpired({ sinceMs, usedAtMs }: Session, atMs: number): boolean {
  return atMs - usedAtMs > IDLE_TIMEOUT_MS || atMs - sinceMs > MAX_AGE_MS;
}

/** Whether a session was opened so long ago that nothing of it needs to be known. */
export function isForgotten(sinceMs: number, atMs: number): boolean {
  return atMs - sinceMs > SESSION_KNOWN_MS;
}

function digestOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url');
}
