import type { RequestHandler } from 'express';

/** For data: no scripts, frames, type sniffing or caching. Pages set their own. */
const HEADERS = {
  'cache-control': 'private, no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

/** For audio: the browser may cache it and must revalidate it. Shared caches must not store it. */
export const AUDIO_CACHING = 'private, no-cache';

/** Default headers of every response. Mount it first. */
export const securityHeaders: RequestHandler = (_request, response, next) => {
  response.removeHeader('x-powered-by');
  response.set(HEADERS);
  next();
};
