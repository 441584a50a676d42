import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { Log } from '../log.ts';
import type { SendErrorPage } from './error-page.ts';
import { sendProblem } from './problem-response.ts';

/** After all routes: what nobody answered. */
export function notFound(tellBrowser?: SendErrorPage): RequestHandler {
  return async (request, response) => {
    if (!(await tellBrowser?.(request, response, 404, NOTHING_HERE)))
      sendProblem(response, 404, NOTHING_HERE);
  };
}

const NOTHING_HERE = 'There is nothing here.';

const SENTENCES: Readonly<Record<string | number, string>> = {
  'entity.parse.failed': 'The body is not valid JSON.',
  'entity.too.large': 'The body is too large.',
  'encoding.unsupported': 'The body has an unknown encoding.',
  'charset.unsupported': 'The body has an unknown character set.',
  416: 'The file has no such bytes; content-range says how many it has.',
  'parameters.too.many': 'The body has too many fields.',
};

/** Last of all: a sender's mistake becomes a sentence, ours a line in the log; never a stack on the wire. */
export function errorHandler(log: Log): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const { status, type, headers } = error as { status?: unknown; type?: unknown; headers?: object };
    if (typeof status === 'number' && status >= 400 && status < 500) {
      const sentence = SENTENCES[typeof type === 'string' ? type : status];
      // How long a file is of which a part was asked for that it does not have.
      if (status === 416 && headers) response.set(headers);
      sendProblem(response, status, sentence ?? 'The request could not be understood.');
      return;
    }
    log.error({ err: error }, 'request failed');
    sendProblem(response, 500, 'Something went wrong here; the log says what.');
  };
}
