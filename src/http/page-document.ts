import type { Request, Response } from 'express';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** Stands in the built pages wherever the nonce of an answer belongs; see `pages/vite.config.ts`. */
const NONCE = /OFFHOOK_NONCE/gu;
const HOST = /^[\w.:[\]-]{1,255}$/u;

export interface DocumentOptions {
  readonly mediaOrigin?: string;
  readonly changed?: (text: string) => string;
}

/** Answers with a document of the built pages. `changed`: what else is written into it. */
export async function sendDocument(
  file: string,
  request: Request,
  response: Response,
  { mediaOrigin, changed = (text) => text }: DocumentOptions = {},
): Promise<void> {
  const nonce = randomBytes(16).toString('base64');
  const text = changed(await readFile(file, 'utf8'));
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
