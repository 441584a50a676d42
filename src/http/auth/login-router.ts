import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { sendProblem } from '../problem-response.ts';
import { validateBody } from '../validate-request.ts';
import type { Authenticator } from './authenticator.ts';
import type { LoginThrottle } from './login-throttle.ts';
import { cameOverTls } from './proxy-headers.ts';
import { SESSION_COOKIE, sessionOf } from './session-store.ts';

const LARGEST_BODY = '4kb';
export const logInBody = z.strictObject({
  password: z.string().min(1, 'must not be empty').max(1_000, 'may be at most 1,000 characters long'),
});

export interface LoginRouterOptions {
  readonly doorkeeper: Authenticator;
  readonly throttle: LoginThrottle;
  readonly now: () => number;
}

/** `POST /login`, `POST /logout`, and `GET /api/session`, which tells a page where it stands. */
export function createLoginRouter(parts: LoginRouterOptions): Router {
  const router = Router();
  const bodies = [
    // Whatever JSON it is: what is wrong with it is said in our own words.
    express.json({ limit: LARGEST_BODY, strict: false }),
    express.urlencoded({ extended: false, limit: LARGEST_BODY }),
  ];
  router.get('/api/session', (request, response) => {
    const entrance = parts.doorkeeper.peek(request);
    response.json({
      admitted: entrance.admitted,
      ...(entrance.admitted ? { why: entrance.why } : { reason: entrance.sentence }),
      loginPossible: parts.doorkeeper.sessions.canLogIn,
    });
  });
  router.post('/login', bodies, (request: Request, response: Response) => logIn(parts, request, response));
  router.post('/logout', (request, response) => {
    if (parts.doorkeeper.isForeign(request)) {
      sendProblem(response, 403, 'The request comes from a page of another site.');
      return;
    }
    const name = sessionOf(request.headers.cookie);
    if (name !== undefined) parts.doorkeeper.sessions.logOut(name);
    setCookie(request, response, '', 0);
    response.status(204).end();
  });
  return router;
}

async function logIn(parts: LoginRouterOptions, request: Request, response: Response): Promise<void> {
  const { doorkeeper, throttle, now } = parts;
  const waitSeconds = throttle.waitSeconds(request, now());
  if (doorkeeper.isForeign(request)) {
    sendProblem(response, 403, 'The request comes from a page of another site.');
  } else if (!doorkeeper.sessions.canLogIn) {
    sendProblem(response, 409, 'There is no password to log in with: set ADMIN_PASSWORD and restart.');
  } else if (waitSeconds > 0) {
    response.set('retry-after', String(waitSeconds));
    sendProblem(response, 429, `Too many attempts. Try again in ${waitSeconds} s.`);
  } else {
    const body = validateBody(logInBody, request, response, 'JSON or a form');
    if (!body) return;
    // Counted before it is known: many tries at once are not free either.
    throttle.tried(request, now());
    const name = await doorkeeper.sessions.logIn(body.password, now());
    if (name === undefined) {
      sendProblem(response, 401, 'That is not the password.');
      return;
    }
    throttle.succeeded(request);
    setCookie(request, response, name);
    response.status(204).end();
  }
}

/** Not for scripts, not for other sites; over TLS alone where the page came over it. */
function setCookie(request: Request, response: Response, value: string, maxAgeMs?: number): void {
  response.cookie(SESSION_COOKIE, value, {
    httpOnly: true,
    sameSite: 'strict',
    secure: cameOverTls(request),
    path: '/',
    ...(maxAgeMs !== undefined && { maxAge: maxAgeMs }),
  });
}
