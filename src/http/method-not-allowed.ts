import { Router } from 'express';
import { sendProblem } from './problem-response.ts';
import type { RouteDefinition } from './route.ts';

/** Answers 405 with `Allow` for a known path with another method. Mount it after all routes. */
export function methodNotAllowed(routes: readonly Pick<RouteDefinition, 'method' | 'path'>[]): Router {
  const router = Router();
  const allowed = new Map<string, string[]>();
  for (const { path, method } of routes) {
    const methods = method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()];
    allowed.set(path, [...(allowed.get(path) ?? []), ...methods]);
  }
  for (const [path, methods] of allowed)
    router.all(path, (request, response, next) => {
      // A defined route may not be mounted: pages that are not built, calls without a catalogue.
      if (methods.includes(request.method)) {
        next();
        return;
      }
      response.set('allow', methods.join(', '));
      sendProblem(response, 405, `This address takes ${methods.join(', ')}, and no ${request.method}.`);
    });
  return router;
}
