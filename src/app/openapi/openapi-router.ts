import { Router } from 'express';
import { requireAuth, type RequireAuthOptions } from '../../http/auth/require-auth.ts';
import { openApiDocument } from './openapi-document.ts';

export interface OpenApiRouterOptions extends RequireAuthOptions {
  readonly version: string;
}

/** `GET /openapi.json`: what the page at `/docs` shows. */
export function createOpenApiRouter(parts: OpenApiRouterOptions): Router {
  const router = Router();
  const description = openApiDocument(parts.version);
  router.get('/openapi.json', requireAuth(parts), (_request, response) => {
    response.json(description);
  });
  return router;
}
