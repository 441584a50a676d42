import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import path from 'node:path';
import { requireAuthForPages, type RequirePageAuthOptions } from './auth/require-auth.ts';
import { sendDocument } from './page-document.ts';

const FOR_EVER = `public, max-age=${365 * 24 * 3_600}, immutable`;

/** Address → document. Who is not logged in sees the login page alone. */
const PAGES: Readonly<Record<string, string>> = {
  '/': 'index.html',
  '/phone': 'phone.html',
  '/calls': 'calls.html',
  '/calls/:callSid': 'call.html',
  '/dashboard': 'dashboard.html',
  '/recordings': 'recordings.html',
  '/docs': 'docs.html',
};

export interface PageRouterOptions extends RequirePageAuthOptions {
  /** The directory of the built pages. */
  readonly directory: string;
  /** Where recordings are played from that lie in a store, `https://bucket.example.com`. */
  readonly mediaOrigin?: () => Promise<string | undefined>;
}

/** The pages, and their assets, which hold no secrets and are open to all: the login page needs them. */
export function createPageRouter(parts: PageRouterOptions): Router {
  const { directory, mediaOrigin } = parts;
  const send = async (document: string, request: Request, response: Response) =>
    sendPage(path.join(directory, document), await mediaOrigin?.(), request, response);
  const router = Router();
  const guarded = requireAuthForPages(parts);
  for (const [address, document] of Object.entries(PAGES))
    router.get(address, guarded, (request, response) => send(document, request, response));
  router.get('/login', (request, response) => send('login.html', request, response));
  router.use('/assets', assets(directory));
  return router;
}

/** Their names hold a hash of what is in them: a browser need never ask again. */
function assets(directory: string): RequestHandler {
  return express.static(path.join(directory, 'assets'), {
    cacheControl: false,
    index: false,
    redirect: false,
    setHeaders: (sent) => sent.setHeader('cache-control', FOR_EVER),
  });
}

async function sendPage(
  file: string,
  mediaOrigin: string | undefined,
  request: Request,
  response: Response,
): Promise<void> {
  response.set('cache-control', 'no-cache');
  await sendDocument(file, request, response, { ...(mediaOrigin !== undefined && { mediaOrigin }) });
}
