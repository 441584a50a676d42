import type { RequestHandler } from 'express';
import type { SendErrorPage } from '../error-page.ts';
import { sendProblem } from '../problem-response.ts';
import type { Authenticator } from './authenticator.ts';

export interface RequireAuthOptions {
  readonly doorkeeper: Authenticator;
}

export interface RequirePageAuthOptions extends RequireAuthOptions {
  readonly tellBrowser?: SendErrorPage;
}

/** Lets through who is admitted; everyone else gets one sentence, and fewer of them when they keep trying. */
export function requireAuth({ doorkeeper }: RequireAuthOptions): RequestHandler {
  return (request, response, next) => {
    const entrance = doorkeeper.authenticate(request);
    if (entrance.admitted) {
      next();
      return;
    }
    if (entrance.waitSeconds !== undefined) response.set('retry-after', String(entrance.waitSeconds));
    if (entrance.status === 401) response.set('www-authenticate', 'Bearer');
    sendProblem(response, entrance.status, entrance.sentence);
  };
}

/** The same for pages: who has to log in is led there, and back afterwards. */
export function requireAuthForPages({ doorkeeper, tellBrowser }: RequirePageAuthOptions): RequestHandler {
  return async (request, response, next) => {
    // To be led to the login is no attempt at anything.
    const seen = doorkeeper.peek(request, 'page');
    const led = !seen.admitted && seen.status === 401 && doorkeeper.sessions.canLogIn;
    const entrance = led ? seen : doorkeeper.authenticate(request, 'page');
    if (entrance.admitted) next();
    else if (led) response.redirect(303, `/login?to=${encodeURIComponent(request.originalUrl)}`);
    else if (!(await tellBrowser?.(request, response, entrance.status, entrance.sentence)))
      response.status(entrance.status).type('text/plain').send(`${entrance.sentence}\n`);
  };
}
