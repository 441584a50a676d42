import type { Response } from 'express';
import { AUDIO_CACHING } from './security-headers.ts';

export interface SendFileOptions {
  /** Media type; default: by the file's name. */
  readonly type?: string | undefined;
  /** Whether the file is audio, which may be cached by the player. */
  readonly audio?: boolean | undefined;
}

/** Sends a file, or the requested part of it, with `ETag` and `Last-Modified`. */
export function sendFile(file: string, response: Response, { type, audio }: SendFileOptions): Promise<void> {
  if (audio) response.set('cache-control', AUDIO_CACHING);
  if (type !== undefined) response.type(type);
  return new Promise((resolve, reject) => {
    response.sendFile(file, { dotfiles: 'allow' }, (error?: NodeJS.ErrnoException) => {
      // A player that seeks aborts the response; that is not an error.
      if (!error || error.code === 'ECONNABORTED' || response.headersSent) resolve();
      else reject(error);
    });
  });
}
