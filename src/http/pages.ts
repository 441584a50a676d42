import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import path from 'node:path';
import { requireAuthForPages, type RequirePageAuthOptions } from './auth/require-auth.ts';
import { type PageFiles, sendDocument } from './page-document.ts';

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
  readonly files: PageFiles;
  /** Where recordings are played from that lie in a store, `https://bucket.example.com`. */
  readonly mediaOrigin?: () => Promise<string | undefined>;
}

/** The pages, and their assets, which hold no secrets and are open to all: the login page needs them. */
export function createPageRouter(parts: PageRouterOptions): Router {
  const { files, mediaOrigin } = parts;
  const send = async (document: string, request: Request, response: Response) =>
    sendPage(files, document, await mediaOrigin?.(), request, response);
  const router = Router();
  const guarded = requireAuthForPages(parts);
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
      ...{ cacheControl: false, index: false, redirect: false },
      setHeaders: (sent) => sent.setHeader('cache-control', FOR_EVER),
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
  await sendDocument(path.join(files.folder, document), request, response, {
    ...(mediaOrigin !== undefined && { mediaOrigin }),
  });
}

function sendNotYet({ trouble }: PageFiles, response: Response): void {
  response.status(503).type('text/plain');
  if (trouble === undefined)
    response.set('refresh', '1').set('retry-after', '1').send('The pages are being made; one moment.\n');
  else response.send('The pages could not be made; the log says why. Calls are answered all the same.\n');
}
