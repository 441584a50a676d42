import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import express, { Router, type Request, type RequestHandler, type Response } from 'express';
import { pageGuard, type GuardParts } from './guard.ts';

/** Stands in the built pages wherever the nonce of an answer belongs; see `pages/vite.config.ts`. */
const NONCE = /OFFHOOK_NONCE/gu;
const HOST = /^[\w.:[\]-]{1,255}$/u;
const YEAR_MS = 365 * 24 * 3_600_000;

/** Address → document. Who is not logged in sees the login page alone. */
const PAGES: Readonly<Record<string, string>> = {
  '/': 'index.html',
  '/phone': 'phone.html',
  '/calls': 'calls.html',
  '/calls/:callSid': 'call.html',
  '/dashboard': 'dashboard.html',
  '/recordings': 'recordings.html',
};

/** The pages as they were built. */
export interface PageFiles {
  /** Where they lie; undefined while they are being made. */
  readonly folder: string | undefined;
  /** Why they cannot be made. */
  readonly trouble: string | undefined;
}

export interface PagesParts extends GuardParts {
  readonly files: PageFiles;
  /** Where recordings are played from that lie in a store, `https://bucket.example.com`. */
  readonly mediaOrigin?: () => Promise<string | undefined>;
}

/** The pages, and their assets, which hold no secrets and are open to all: the login page needs them. */
export function pageRoutes(parts: PagesParts): Router {
  const { files, mediaOrigin } = parts;
  const send = async (document: string, request: Request, response: Response) =>
    sendPage(files, document, await mediaOrigin?.(), request, response);
  const router = Router();
  const guarded = pageGuard(parts);
  for (const [address, document] of Object.entries(PAGES))
    router.get(address, guarded, (request, response) => send(document, request, response));
  router.get('/login', (request, response) => send('login.html', request, response));
  router.use('/assets', assets(files));
  return router;
}

/** Their names hold a hash of what is in them: a browser need never ask again. */
function assets(files: PageFiles): RequestHandler {
  let serve: RequestHandler | undefined;
  return (request, response, next) => {
    if (files.folder === undefined) {
      sendNotYet(files, response);
      return;
    }
    serve ??= express.static(path.join(files.folder, 'assets'), {
      ...{ immutable: true, maxAge: YEAR_MS, index: false, redirect: false },
    });
    void serve(request, response, next);
  };
}

async function sendPage(
  files: PageFiles,
  document: string,
  mediaOrigin: string | undefined,
  request: Request,
  response: Response,
): Promise<void> {
  response.set('cache-control', 'no-cache');
  if (files.folder === undefined) {
    sendNotYet(files, response);
    return;
  }
  const nonce = randomBytes(16).toString('base64');
  const text = await readFile(path.join(files.folder, document), 'utf8');
  response
    .set('content-security-policy', policy(nonce, request.headers.host ?? '', mediaOrigin))
    .set('permissions-policy', 'microphone=(self), camera=(), geolocation=()')
    .type('text/html')
    .send(text.replace(NONCE, nonce));
}

/** What a page may do: its own scripts and styles, its own sockets, sound from here and of its own making. */
function policy(nonce: string, host: string, mediaOrigin: string | undefined): string {
  // Older Safari does not count sockets as 'self'.
  const sockets = HOST.test(host) ? ` ws://${host} wss://${host}` : '';
  const media = mediaOrigin === undefined ? '' : ` ${mediaOrigin}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    `media-src 'self' blob:${media}`,
    `connect-src 'self' blob:${sockets}${media}`,
    "worker-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function sendNotYet({ trouble }: PageFiles, response: Response): void {
  response.status(503).type('text/plain');
  if (trouble === undefined)
    response.set('refresh', '1').set('retry-after', '1').send('The pages are being made; one moment.\n');
  else response.send('The pages could not be made; the log says why. Calls are answered all the same.\n');
}
