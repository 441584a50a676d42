import type { IncomingMessage } from 'node:http';
import type { FailedAttemptLimiter } from './failed-attempt-limiter.ts';
import { type AccessSettings, type Admission, admit, factsOf, isOwnOrigin } from './local-request.ts';
import { clientAddress, ownHosts } from './proxy-headers.ts';
import { SessionStore } from './session-store.ts';

export interface AuthenticatorOptions {
  readonly access: AccessSettings;
  readonly limit: FailedAttemptLimiter;
  /** The host of PUBLIC_URL. */
  readonly publicHost?: string;
  /** The present time in milliseconds. */
  readonly now: () => number;
}

export type AuthResult =
  | { readonly admitted: true; readonly why: 'local' | 'token' | 'session' }
  | {
      readonly admitted: false;
      readonly status: 401 | 403 | 429;
      readonly sentence: string;
      readonly waitSeconds?: number;
    };

/** Methods that change nothing (RFC 9110, section 9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Lets in who is local, shows the token or is logged in; whoever keeps failing is answered less and less. */
export class Authenticator {
  readonly sessions: SessionStore;
  readonly #parts: AuthenticatorOptions;

  constructor(parts: AuthenticatorOptions) {
    this.#parts = parts;
    this.sessions = new SessionStore(parts.access.adminPassword);
  }

  /** As `look`, and remembers who was refused. */
  authenticate(request: IncomingMessage): AuthResult {
    const entrance = this.peek(request);
    if (entrance.admitted) return entrance;
    const { limit, now } = this.#parts;
    const address = clientAddress(request);
    const waitSeconds = limit.waitSeconds(address, now());
    limit.failed(address, now());
    if (waitSeconds === 0) return entrance;
    return {
      admitted: false,
      status: 429,
      sentence: `Too many attempts. Try again in ${waitSeconds} s.`,
      waitSeconds,
    };
  }

  /** Whether a request may pass. A cookie alone does not let another site's page change anything. */
  peek(request: IncomingMessage): AuthResult {
    const { access, now } = this.#parts;
    const admission: Admission = admit(factsOf(request), access);
    if (admission.admitted) return admission;
    if (!this.sessions.holds(request.headers.cookie, now())) return admission;
    if (this.isForeign(request)) {
      return { admitted: false, status: 403, sentence: 'The request comes from a page of another site.' };
    }
    return { admitted: true, why: 'session' };
  }

  /**
   * Whether a browser sent it on behalf of another site: it names the page's origin with everything that may change
   * something, and with every socket.
   */
  isForeign(request: IncomingMessage): boolean {
    const { method, headers } = request;
    if (headers.origin !== undefined) {
      const { publicHost } = this.#parts;
      return !isOwnOrigin(headers.origin, [...ownHosts(request), ...(publicHost ? [publicHost] : [])]);
    }
    const isSocket = headers.upgrade !== undefined;
    if (SAFE.has(method ?? '') && !isSocket) return false;
    const site = headers['sec-fetch-site'];
    return site !== undefined && site !== 'same-origin' && site !== 'none';
  }

  /** Has a socket that a session let in closed when that session ends, however it ends. */
  closeOnLogout(socket: ClosableSocket, request: IncomingMessage): void {
    const untie = this.sessions.whenOver(request.headers.cookie, () => socket.close(1008, 'logged out'));
    socket.once('close', untie);
  }

  /** To be called now and then: what has gone on for too long ends. */
  tick(atMs: number): void {
    this.sessions.tick(atMs);
  }
}

/** What is needed of a `ws` socket. */
export interface ClosableSocket {
  close(code: number, reason: string): void;
  once(event: 'close', listener: () => void): unknown;
}
