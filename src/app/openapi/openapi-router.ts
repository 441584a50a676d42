import { Router } from 'express';
import { guard, type GuardParts } from '../../http/auth/require-auth.ts';
import { openApi } from './openapi-document.ts';

export interface DocsParts extends GuardParts {
  readonly version: string;
}

/** `GET /openapi.json`: what the page at `/docs` shows. */
export function docsRoutes(parts: DocsParts): Router {
  const router = Router();
  const description = openApi(parts.version);
  router.get('/openapi.json', guard(parts), (_request, response) => {
    response.json(description);
  });
  return router;
}
