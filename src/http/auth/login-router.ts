import type { Request, RequestHandler, Response, Router } from 'express';
import { sendProblem } from '../problem-response.ts';
import { RouteRouter } from '../route-router.ts';
import type { Authenticator } from './authenticator.ts';
import { LOGIN_ROUTES } from './login-routes.ts';
import type { LoginThrottle } from './login-throttle.ts';
import { cameOverTls } from './proxy-headers.ts';
import { SESSION_COOKIE, sessionOf } from './session-store.ts';

export interface LoginRouterOptions {
  readonly authenticator: Authenticator;
  readonly throttle: LoginThrottle;
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
      limitLogins(options),
    )
    .add(
      LOGIN_ROUTES.logOut,
      ({ request, response }) => {
        const id = sessionOf(request.headers.cookie);
        if (id !== undefined) sessions.logOut(id);
        setCookie(request, response, '', 0);
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

function limitLogins({ authenticator, throttle, now }: LoginRouterOptions): RequestHandler {
  return (request, response, next) => {
    const waitSeconds = throttle.waitSeconds(request, now());
    if (!authenticator.sessions.canLogIn) {
      sendProblem(response, 409, 'There is no password to log in with: set ADMIN_PASSWORD and restart.');
    } else if (waitSeconds > 0) {
      response.set('retry-after', String(waitSeconds));
      sendProblem(response, 429, `Too many attempts. Try again in ${waitSeconds} s.`);
    } else next();
  };
}

async function logIn(
  { authenticator, throttle, now }: LoginRouterOptions,
  password: string,
  request: Request,
  response: Response,
): Promise<void> {
  // Counted before the check, so that parallel attempts count, too.
  throttle.tried(request, now());
  const id = await authenticator.sessions.logIn(password, now());
  if (id === undefined) {
    sendProblem(response, 401, 'That is not the password.');
    return;
  }
  throttle.succeeded(request);
  setCookie(request, response, id);
  response.status(204).end();
}

/** Hidden from scripts and other sites, and sent only over TLS if the page came over TLS. */
function setCookie(request: Request, response: Response, value: string, maxAge?: number): void {
  const secure = cameOverTls(request);
  const base = { httpOnly: true, sameSite: 'strict', secure, path: '/' } as const;
  response.cookie(SESSION_COOKIE, value, maxAge === undefined ? base : { ...base, maxAge });
}
