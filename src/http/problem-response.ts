import type { Response } from 'express';
import { STATUS_CODES } from 'node:http';

/** One thing that is wrong with a request: where, and what would be accepted. */
export interface InvalidField {
  readonly field: string;
  readonly detail: string;
}

/**
 * Answers with what went wrong as RFC 9457 writes it (`application/problem+json`): `title` names the status, `detail` is a
 * sentence for people, `errors` lists fields where several may be wrong.
 */
export function sendProblem(
  response: Response,
  status: number,
  detail: string,
  errors?: readonly InvalidField[],
): void {
  response
    .status(status)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: 'about:blank',
        title: STATUS_CODES[status] ?? 'Error',
        status,
        detail,
        ...(errors && { errors }),
      }),
    );
}
