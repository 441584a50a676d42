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
    summary: 'This description',
    responses: { 200: ['OpenAPI 3.1', JSON_TYPE] },
  }),
} as const satisfies Record<string, RouteDefinition>;

/** `GET /openapi.json`, which the page at `/docs` shows. */
export function createOpenApiRouter(options: OpenApiRouterOptions): Router {
  // Loaded and built at the first request: a start needs neither the document nor its generator.
  let document: Promise<object> | undefined;
  const build = async (): Promise<object> => {
    const { openApiDocument } = await import('./openapi-document.ts');
    return openApiDocument(options.version, options.routes);
  };
  return new RouteRouter({ login: requireAuth(options) }).add(OPENAPI_ROUTES.get, async ({ response }) => {
    document ??= build();
    response.json(await document);
  }).router;
}
