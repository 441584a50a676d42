import type { ErrorRequestHandler, RequestHandler } from 'express';
import { componentLog, type Log } from '../log.ts';
import { isFull, isReadOnly } from '../storage/file-system-errors.ts';
import type { SendErrorPage } from './error-page.ts';
import { sendProblem } from './problem-response.ts';

/** Answers 404 for requests that no route handled. Mount it after all routes. */
export function notFound(sendErrorPage?: SendErrorPage): RequestHandler {
  return async (request, response) => {
    if (!(await sendErrorPage?.(request, response, 404, NOTHING_HERE)))
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

/** Answers errors of the client with a sentence and logs all others. Never sends a stack trace. Mount it last. */
export function errorHandler(log: Log): ErrorRequestHandler {
  const httpLog = componentLog(log, 'http');
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const { status, type, headers } = error as { status?: unknown; type?: unknown; headers?: object };
    if (typeof status === 'number' && status >= 400 && status < 500) {
      const sentence = SENTENCES[typeof type === 'string' ? type : status];
      // `content-range` has the length of the file.
      if (status === 416 && headers) response.set(headers);
      sendProblem(response, status, sentence ?? 'The request could not be understood.');
      return;
    }
    httpLog.error({ err: error }, 'request failed');
    if (isFull(error)) {
      sendProblem(response, 507, 'There is no space left on the disk of the server.');
      return;
    }
    if (isReadOnly(error)) {
      sendProblem(response, 507, 'The disk of the server is read-only.');
      return;
    }
    sendProblem(response, 500, 'Something went wrong here; the log says what.');
  };
}
