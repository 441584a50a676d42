import type { Router } from 'express';
import { requireAuth, type RequireAuthOptions } from '../../http/auth/require-auth.ts';
import { JSON_TYPE, route, type RouteDefinition } from '../../http/route.ts';
import { RouteRouter } from '../../http/route-router.ts';

export interface OpenApiRouterOptions extends RequireAuthOptions {
  readonly version: string;
  readonly routes: readonly RouteDefinition[];
}

export const OPENAPI_ROUTES = {
  get: route({
    method: 'get',
    path: '/openapi.json',
    tag: 'Server',
    summary: 'The description of the routes',
    responses: { 200: ['OpenAPI 3.1', JSON_TYPE] },
  }),
  asyncApi: route({
    method: 'get',
    path: '/asyncapi.json',
    tag: 'Server',
    summary: 'The description of the WebSockets',
    responses: { 200: ['AsyncAPI 3.0', JSON_TYPE] },
  }),
} as const satisfies Record<string, RouteDefinition>;

/** `GET /openapi.json` and `GET /asyncapi.json`, which the pages `/docs` and `/redoc` show. */
export function createOpenApiRouter({ version, routes, ...options }: OpenApiRouterOptions): Router {
  const openApi = once(async () => {
    const { openApiDocument } = await import('./openapi-document.ts');
    return openApiDocument(version, routes);
  });
  const asyncApi = once(async () => {
    const [{ asyncApiDocument }, { SOCKETS }] = await Promise.all([
      import('./asyncapi-document.ts'),
      import('./socket-descriptions.ts'),
    ]);
    return asyncApiDocument(version, SOCKETS);
  });
  return new RouteRouter({ login: requireAuth(options) })
    .add(OPENAPI_ROUTES.get, async ({ response }) => void response.json(await openApi()))
    .add(OPENAPI_ROUTES.asyncApi, async ({ response }) => void response.json(await asyncApi())).router;
}

/** Builds a document at its first request: a start needs neither the documents nor their generators. */
function once(build: () => Promise<object>): () => Promise<object> {
  let document: Promise<object> | undefined;
  return () => (document ??= build());
}
