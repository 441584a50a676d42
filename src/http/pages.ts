import express, { type RequestHandler, type Router } from 'express';
import path from 'node:path';
import { requireAuthForPages, type RequirePageAuthOptions } from './auth/require-auth.ts';
import { sendDocument } from './page-document.ts';
import { route, type RouteDefinition } from './route.ts';
import { RouteRouter } from './route-router.ts';

const IMMUTABLE = `public, max-age=${365 * 24 * 3_600}, immutable`;

interface Page {
  readonly route: RouteDefinition;
  /** The built file. */
  readonly document: string;
}

function page(path: string, document: string): Page {
  const responses = { 200: ['The page', 'text/html'], 303: ['To /login'] } as const;
  return {
    document,
    route: route({
      method: 'get',
      path,
      tag: 'Pages',
      access: 'page',
      summary: 'A page for browsers',
      responses,
    }),
  };
}

const PAGES: readonly Page[] = [
  page('/', 'index.html'),
  page('/phone', 'phone.html'),
  page('/calls', 'calls.html'),
  page('/calls/:callSid', 'call.html'),
  page('/dashboard', 'dashboard.html'),
  page('/recordings', 'recordings.html'),
  page('/docs', 'docs.html'),
  page('/redoc', 'redoc.html'),
  {
    document: 'login.html',
    route: route({
      method: 'get',
      path: '/login',
      tag: 'Pages',
      access: 'open',
      summary: 'The login page',
      responses: { 200: ['The page', 'text/html'] },
    }),
  },
];

export const PAGE_ROUTES: readonly RouteDefinition[] = PAGES.map((each) => each.route);

export interface PageRouterOptions extends RequirePageAuthOptions {
  /** The directory of the built pages. */
  readonly directory: string;
  /** The origin of recordings in an object store, `https://bucket.example.com`. */
  readonly mediaOrigin?: (() => Promise<string | undefined>) | undefined;
}

/** The pages, and their assets. The assets contain no secrets and are public: the login page needs them. */
export function createPageRouter(options: PageRouterOptions): Router {
  const { directory, mediaOrigin } = options;
  const routes = new RouteRouter({ page: requireAuthForPages(options) });
  for (const each of PAGES)
    routes.add(each.route, async ({ request, response }) => {
      const origin = each.route.access === 'open' ? undefined : await mediaOrigin?.();
      response.set('cache-control', 'no-cache');
      await sendDocument(path.join(directory, each.document), request, response, { mediaOrigin: origin });
    });
  return routes.router.use('/assets', assets(directory));
}

/** File names contain a hash of the content, so browsers may cache them without a limit. */
function assets(directory: string): RequestHandler {
  return express.static(path.join(directory, 'assets'), {
    cacheControl: false,
    index: false,
    redirect: false,
    setHeaders: (sent) => sent.setHeader('cache-control', IMMUTABLE),
  });
}
