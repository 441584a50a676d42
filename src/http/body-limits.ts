import type { Request, RequestHandler, Response } from 'express';
import type { ConnectionLimits } from './limited-server.ts';
import { sendProblem } from './problem-response.ts';

export type BodyLimits = Pick<ConnectionLimits, 'smallBodyMs' | 'uploadIdleMs'>;

const LIMITED = new WeakMap<Request, BodyLimit>();

/** Ends requests whose body takes too long, and closes connections whose body still arrives long after its response. */
export function bodyLimits(limits: BodyLimits): RequestHandler {
  return (request, response, next) => {
    if (hasBody(request)) LIMITED.set(request, new BodyLimit(request, response, limits));
    next();
  };
}

/** Lets the body take as long as it does not pause. For requests that are already authenticated. */
export const allowUpload: RequestHandler = (request, _, next) => {
  LIMITED.get(request)?.allowUpload();
  next();
};

/** The time limit of one request's body: its total time, or the longest pause of an upload. */
class BodyLimit {
  readonly #request: Request;
  readonly #response: Response;
  readonly #limits: BodyLimits;
  #timer: NodeJS.Timeout | undefined;

  constructor(request: Request, response: Response, limits: BodyLimits) {
    this.#request = request;
    this.#response = response;
    this.#limits = limits;
    const stop = (): void => clearTimeout(this.#timer);
    request.once('end', stop).once('close', stop);
    this.#limitTotal();
  }

  allowUpload(): void {
    clearTimeout(this.#timer);
    // Node resets the socket's timeout for the next request.
    this.#request.setTimeout(this.#limits.uploadIdleMs, () => this.#end());
    this.#response.once('finish', () => {
      if (!this.#request.complete) this.#limitTotal();
    });
  }

  #limitTotal(): void {
    this.#timer = setTimeout(() => this.#end(), this.#limits.smallBodyMs);
  }

  #end(): void {
    if (this.#request.complete) return;
    const { socket } = this.#request;
    if (this.#response.headersSent) {
      socket.destroy();
      return;
    }
    this.#response.set('connection', 'close');
    this.#response.once('finish', () => socket.destroySoon());
    sendProblem(this.#response, 408, 'The body of the request did not arrive in time.');
  }
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
