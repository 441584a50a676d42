import type { RequestHandler } from 'express';

/** For answers that are data, not pages: nothing in them may run, be framed, be guessed at or be stored. */
const HEADERS = {
  'cache-control': 'private, no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

/** For audio: the player's own cache may keep it, and asks whether it may still be used. Shared caches store nothing. */
export const AUDIO_CACHING = 'private, no-cache';

/** First of all: what every answer carries unless its own route says otherwise. */
export const securityHeaders: RequestHandler = (_request, response, next) => {
  response.removeHeader('x-powered-by');
  response.set(HEADERS);
  next();
};
