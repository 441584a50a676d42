import { Router } from 'express';
import { sendProblem } from './problem-response.ts';

/** A route that the server answers. */
export interface KnownRoute {
  readonly path: string;
  readonly method: string;
}

/** Answers 405 with `Allow` for a known path with another method. Mount it after all routes. */
export function methodNotAllowed(routes: readonly KnownRoute[]): Router {
  const router = Router();
  const allowed = new Map<string, string[]>();
  for (const { path, method } of routes) {
    const methods = method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()];
    allowed.set(path, [...(allowed.get(path) ?? []), ...methods]);
  }
  for (const [path, methods] of allowed)
    router.all(path, (request, response, next) => {
      // A route may be known and not there: pages, and calls without a catalogue.
      if (methods.includes(request.method)) {
        next();
        return;
      }
      response.set('allow', methods.join(', '));
      sendProblem(response, 405, `This address takes ${methods.join(', ')}, and no ${request.method}.`);
    });
  return router;
}
