import type { RequestHandler } from 'express';
import type { SendErrorPage } from '../error-page.ts';
import { wayToRoot } from '../page-document.ts';
import { sendProblem } from '../problem-response.ts';
import type { Authenticator } from './authenticator.ts';

export interface RequireAuthOptions {
  readonly authenticator: Authenticator;
}

export interface RequirePageAuthOptions extends RequireAuthOptions {
  readonly sendErrorPage?: SendErrorPage | undefined;
}

/** Admits authenticated requests. Refused requests are limited by address. */
export function requireAuth({ authenticator }: RequireAuthOptions): RequestHandler {
  return (request, response, next) => {
    const result = authenticator.authenticate(request);
    if (result.admitted) {
      next();
      return;
    }
    if (result.waitSeconds !== undefined) response.set('retry-after', String(result.waitSeconds));
    if (result.status === 401) response.set('www-authenticate', 'Bearer');
    sendProblem(response, result.status, result.sentence);
  };
}

/** The same for pages: redirects to the login page if a login is possible, and back afterwards. */
export function requireAuthForPages({
  authenticator,
  sendErrorPage,
}: RequirePageAuthOptions): RequestHandler {
  return async (request, response, next) => {
    // A redirect to the login page does not count as a failed attempt.
    const seen = authenticator.peek(request, 'page');
    const needsLogin = !seen.admitted && seen.status === 401 && authenticator.sessions.canLogIn;
    const result = needsLogin ? seen : authenticator.authenticate(request, 'page');
    if (result.admitted) next();
    else if (needsLogin)
      response.redirect(303, `${wayToRoot(request)}login?to=${encodeURIComponent(request.originalUrl)}`);
    else if (!(await sendErrorPage?.(request, response, result.status, result.sentence)))
      response.status(result.status).type('text/plain').send(`${result.sentence}\n`);
  };
}
