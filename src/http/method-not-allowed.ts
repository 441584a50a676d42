import { Router } from 'express';
import { ROUTES } from '../app/openapi/route-table.ts';
import { sendProblem } from './problem-response.ts';

/** After all routes: a path that there is, asked in a way that it does not know. */
export function methodNotAllowed(): Router {
  const router = Router();
  const allowed = new Map<string, string[]>();
  for (const { path, method } of ROUTES) {
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
