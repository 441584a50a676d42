import type { Request, RequestHandler, Response, Router } from 'express';
import { sendProblem } from '../problem-response.ts';
import { RouteRouter } from '../route-router.ts';
import type { Authenticator } from './authenticator.ts';
import { LOGIN_ROUTES } from './login-routes.ts';
import { BROWSER_COOKIE, KNOWN_FOR_MS, type KnownBrowsers } from './known-browsers.ts';
import type { LoginAttempt, LoginThrottle } from './login-throttle.ts';
import { BUSY_SECONDS } from './password-queue.ts';
import { cameOverTls } from './proxy-headers.ts';
import { SESSION_COOKIE, sessionOf } from './session-store.ts';

export interface LoginRouterOptions {
  readonly authenticator: Authenticator;
  readonly throttle: LoginThrottle;
  readonly browsers: KnownBrowsers;
  readonly now: () => number;
}

/** `POST /login`, `POST /logout`, and `GET /api/session`, which tells a page whether it is logged in. */
export function createLoginRouter(options: LoginRouterOptions): Router {
  const { authenticator } = options;
  const { sessions } = authenticator;
  const ownPagesOnly = refuseOtherSites(authenticator);
  return new RouteRouter({})
    .add(LOGIN_ROUTES.session, ({ request, response }) => {
      const result = authenticator.peek(request);
      response.json({
        admitted: result.admitted,
        why: result.admitted ? result.method : undefined,
        reason: result.admitted ? undefined : result.sentence,
        loginPossible: sessions.canLogIn,
      });
    })
    .add(
      LOGIN_ROUTES.logIn,
      ({ request, response, body }) => logIn(options, body.password, request, response),
      ownPagesOnly,
      requirePassword(authenticator),
    )
    .add(
      LOGIN_ROUTES.logOut,
      ({ request, response }) => {
        const id = sessionOf(request.headers.cookie);
        if (id !== undefined) sessions.logOut(id);
        setCookie(request, response, SESSION_COOKIE, '', 0);
        response.status(204).end();
      },
      ownPagesOnly,
    ).router;
}

function refuseOtherSites(authenticator: Authenticator): RequestHandler {
  return (request, response, next) => {
    if (authenticator.isForeign(request))
      sendProblem(response, 403, 'The request comes from a page of another site.');
    else next();
  };
}

function requirePassword({ sessions }: Authenticator): RequestHandler {
  return (_request, response, next) => {
    if (sessions.canLogIn) next();
    else sendProblem(response, 409, 'There is no password to log in with: set ADMIN_PASSWORD and restart.');
  };
}

async function logIn(
  options: LoginRouterOptions,
  password: string,
  request: Request,
  response: Response,
): Promise<void> {
  const { authenticator, throttle, browsers, now } = options;
  const attempt = await attemptOf(request, options);
  const waitSeconds = throttle.waitSeconds(attempt, now());
  if (waitSeconds > 0) {
    response.set('retry-after', String(waitSeconds));
    sendProblem(response, 429, `Too many attempts. Try again in ${waitSeconds} s.`);
    return;
  }
  const origin = throttle.originOf(attempt, now());
  // Counted before the check, so that parallel attempts count, too.
  throttle.tried(attempt, now());
  const result = await authenticator.sessions.logIn(password, now(), origin);
  if (result === 'busy') {
    response.set('retry-after', String(BUSY_SECONDS));
    sendProblem(response, 503, `Many others are logging in. Try again in ${BUSY_SECONDS} s.`);
  } else if (result === 'wrong') {
    sendProblem(response, 401, 'That is not the password.');
  } else {
    throttle.succeeded(attempt);
    setCookie(request, response, SESSION_COOKIE, result.session);
    const known = await browsers.issue(request.headers.cookie, now());
    setCookie(request, response, BROWSER_COOKIE, known, KNOWN_FOR_MS);
    response.status(204).end();
  }
}

async function attemptOf(
  request: Request,
  { authenticator: { addresses }, browsers, now }: LoginRouterOptions,
): Promise<LoginAttempt> {
  const address = addresses.of(request);
  return {
    address,
    socketAddress: request.socket.remoteAddress ?? '',
    isProxy: addresses.isProxy(address),
    browser: await browsers.idOf(request.headers.cookie, now()),
  };
}

/** Hidden from scripts and other sites, and sent only over TLS if the page came over TLS. */
function setCookie(request: Request, response: Response, name: string, value: string, maxAge?: number): void {
  const secure = cameOverTls(request);
  const base = { httpOnly: true, sameSite: 'strict', secure, path: '/' } as const;
  response.cookie(name, value, maxAge === undefined ? base : { ...base, maxAge });
}
