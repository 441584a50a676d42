import type { Request, Response } from 'express';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** Placeholder in the built pages for the nonce of a response; see `pages/vite.config.ts`. */
const NONCE = /OFFHOOK_NONCE/gu;
/** How the built pages begin the addresses of their assets. */
const ASSET = /(?<==")\.\//gu;
const HOST = /^[\w.:[\]-]{1,255}$/u;

export interface DocumentOptions {
  readonly mediaOrigin?: string | undefined;
  readonly transform?: ((text: string) => string) | undefined;
}

/** Sends a built page. `transform` fills in its placeholders. */
export async function sendDocument(
  file: string,
  request: Request,
  response: Response,
  { mediaOrigin, transform = (text) => text }: DocumentOptions = {},
): Promise<void> {
  const nonce = randomBytes(16).toString('base64');
  const text = transform(await readFile(file, 'utf8'));
  response
    .set('content-security-policy', policy(nonce, request.headers.host ?? '', mediaOrigin))
    .set('permissions-policy', 'microphone=(self), camera=(), geolocation=()')
    .type('text/html')
    .send(text.replace(NONCE, nonce).replace(ASSET, wayToRoot(request)));
}

/**
 * The way from the address of a request up to our root, as `../`. A proxy may have put the root below a prefix that it does
 * not tell, so addresses in pages are relative.
 */
export function wayToRoot({ originalUrl }: Pick<Request, 'originalUrl'>): string {
  const depth = originalUrl.replace(/[?#].*$/su, '').split('/').length - 2;
  return depth > 0 ? '../'.repeat(depth) : './';
}

/** The content security policy of a page: own scripts, styles and sockets; audio from this server, from the page and from the object store. */
function policy(nonce: string, host: string, mediaOrigin: string | undefined): string {
  // Older versions of Safari do not include WebSockets in 'self'.
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
