import type { Request, RequestHandler } from 'express';
import type { ConnectionLimits } from './limited-server.ts';
import { sendProblem } from './problem-response.ts';

export type BodyLimits = Pick<ConnectionLimits, 'smallBodyMs' | 'uploadIdleMs'>;

/** Ends requests whose body takes too long: small bodies by their total time, uploads by their longest pause. */
export function bodyLimits(limits: BodyLimits, isUpload: (request: Request) => boolean): RequestHandler {
  return (request, response, next) => {
    if (!hasBody(request)) {
      next();
      return;
    }
    const end = (): void => {
      if (request.complete) return;
      const { socket } = request;
      if (response.headersSent) {
        socket.destroy();
        return;
      }
      response.set('connection', 'close');
      response.once('finish', () => socket.destroySoon());
      sendProblem(response, 408, 'The body of the request did not arrive in time.');
    };
    // Node resets the socket's timeout for the next request.
    if (isUpload(request)) request.setTimeout(limits.uploadIdleMs, end);
    else limitBody(request, limits.smallBodyMs, end);
    next();
  };
}

function limitBody(request: Request, withinMs: number, end: () => void): void {
  const timer = setTimeout(end, withinMs);
  const stop = (): void => clearTimeout(timer);
  request.once('end', stop).once('close', stop);
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
