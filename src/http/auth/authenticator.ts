import type { IncomingMessage } from 'node:http';
import type { FailedAttemptLimiter } from './failed-attempt-limiter.ts';
import { type AccessSettings, type Admission, admit, factsOf, isOwnOrigin } from './local-request.ts';
import { ClientAddresses, ownHosts } from './proxy-headers.ts';
import { RequestLimiter } from './request-limiter.ts';
import { sessionOf, SessionStore } from './session-store.ts';
import type { SharedSessions } from './session-table.ts';

export interface AuthenticatorOptions {
  readonly access: AccessSettings;
  readonly limit: FailedAttemptLimiter;
  /** The host of PUBLIC_URL. */
  readonly publicHost?: string | undefined;
  /** Undefined on a machine that is alone. */
  readonly sessions?: SharedSessions | undefined;
  /** Current time in milliseconds. */
  readonly now: () => number;
}

export type AuthResult =
  | { readonly admitted: true; readonly method: 'local' | 'token' | 'session' }
  | {
      readonly admitted: false;
      readonly status: 401 | 403 | 429;
      readonly sentence: string;
      readonly waitSeconds?: number;
    };

/** Methods that change nothing (RFC 9110, section 9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What a request is for. A link on any site may open a page; only our own pages may request data, audio and sockets. */
export type Target = 'page' | 'data';

/** Admits local requests, requests with the API token and sessions; limits addresses that keep failing. */
export class Authenticator {
  readonly sessions: SessionStore;
  readonly addresses: ClientAddresses;
  readonly #requests = new RequestLimiter();
  readonly #options: AuthenticatorOptions;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    const { adminPassword, passwordHashCost, trustedProxies } = options.access;
    this.sessions = new SessionStore(adminPassword, passwordHashCost, options.sessions);
    this.addresses = new ClientAddresses(trustedProxies);
  }

  /** As `peek`, and limits the requests of each client: refused ones strictly, admitted ones generously. */
  authenticate(request: IncomingMessage, target: Target = 'data'): AuthResult {
    const result = this.peek(request, target);
    if (result.admitted) return this.#limited(request) ?? result;
    const { limit, now } = this.#options;
    const address = this.addresses.of(request);
    const waitSeconds = limit.waitSeconds(address, now());
    limit.failed(address, now());
    if (waitSeconds === 0) return result;
    return {
      admitted: false,
      status: 429,
      sentence: `Too many attempts. Try again in ${waitSeconds} s.`,
      waitSeconds,
    };
  }

  #limited(request: IncomingMessage): AuthResult | undefined {
    const client = sessionOf(request.headers.cookie) ?? this.addresses.of(request);
    const waitSeconds = this.#requests.take(client, this.#options.now());
    if (waitSeconds === 0) return undefined;
    return {
      admitted: false,
      status: 429,
      sentence: `Too many requests. Try again in ${waitSeconds} s.`,
      waitSeconds,
    };
  }

  /** Whether a request is admitted. What a browser sends by itself (its address, its cookie) does not admit pages of other sites. */
  peek(request: IncomingMessage, target: Target = 'data'): AuthResult {
    const { access, now } = this.#options;
    const admission: Admission = admit(factsOf(request), access);
    if (admission.admitted && admission.method === 'token') return admission;
    const hasSession = this.sessions.isLoggedIn(request.headers.cookie, now());
    if (!admission.admitted && !hasSession) return admission;
    if (this.isForeign(request, target)) {
      return { admitted: false, status: 403, sentence: 'The request comes from a page of another site.' };
    }
    return admission.admitted ? admission : { admitted: true, method: 'session' };
  }

  /**
   * Whether a browser sent the request for a page of another site, or of another port of this host. Browsers send `Origin`
   * with requests that may change something and with sockets, and `Sec-Fetch-Site` with all requests (since 2023).
   */
  isForeign(request: IncomingMessage, target: Target = 'data'): boolean {
    const { method, headers } = request;
    if (headers.origin !== undefined) {
      const { publicHost } = this.#options;
      return !isOwnOrigin(headers.origin, [...ownHosts(request), ...(publicHost ? [publicHost] : [])]);
    }
    const site = headers['sec-fetch-site'];
    if (site === undefined || site === 'same-origin' || site === 'none') return false;
    return target !== 'page' || !SAFE.has(method ?? '') || !isTopLevelNavigation(headers);
  }

  /** Closes the socket when the session that admitted it ends. */
  closeOnLogout(socket: ClosableSocket, request: IncomingMessage): void {
    const unsubscribe = this.sessions.onEnd(request.headers.cookie, () => socket.close(1008, 'logged out'));
    socket.once('close', unsubscribe);
  }

  /** Ends expired sessions. Call it periodically. */
  tick(atMs: number): void {
    this.sessions.tick(atMs);
  }
}

/** True if the user opened a link or an address: the linking page cannot read the response. False for frames. */
function isTopLevelNavigation(headers: IncomingMessage['headers']): boolean {
  return headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
}

/** The part of a `ws` socket that is needed here. */
export interface ClosableSocket {
  close(code: number, reason: string): void;
  once(event: 'close', listener: () => void): unknown;
}
