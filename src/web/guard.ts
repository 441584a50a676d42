import type { RequestHandler } from 'express';
import type { UnprovedLimit } from './unproved-limit.ts';
import { admit, factsOf, type AccessSettings } from './who-is-local.ts';
import { sendProblem } from './problem.ts';

export interface GuardParts {
  readonly access: AccessSettings;
  readonly limit: UnprovedLimit;
  /** The present time in milliseconds. */
  readonly now: () => number;
}

/** Lets through who is admitted; everyone else gets one sentence, and fewer of them when they keep trying. */
export function guard({ access, limit, now }: GuardParts): RequestHandler {
  return (request, response, next) => {
    const admission = admit(factsOf(request), access);
    if (admission.admitted) {
      next();
      return;
    }
    const address = request.socket.remoteAddress ?? '';
    const waitSeconds = limit.waitSeconds(address, now());
    limit.failed(address, now());
    if (waitSeconds > 0) {
      response.set('retry-after', String(waitSeconds));
      sendProblem(response, 429, `Too many attempts. Try again in ${waitSeconds} s.`);
      return;
    }
    if (admission.status === 401) response.set('www-authenticate', 'Bearer');
    sendProblem(response, admission.status, admission.sentence);
  };
}
