import type { Response } from 'express';
import { AUDIO_CACHING } from './security-headers.ts';

/** Sends a file, or the part of it that was asked for. */
export function sendFile(file: string, type: string, response: Response): Promise<void> {
  if (type.startsWith('audio/')) response.set('cache-control', AUDIO_CACHING);
  return new Promise((resolve, reject) => {
    response.type(type).sendFile(file, { dotfiles: 'allow' }, (error?: NodeJS.ErrnoException) => {
      // A player that goes elsewhere in the file ends the answer, and that is no mistake.
      if (!error || error.code === 'ECONNABORTED' || response.headersSent) resolve();
      else reject(error);
    });
  });
}
