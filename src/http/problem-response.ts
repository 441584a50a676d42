import type { Response } from 'express';
import { STATUS_CODES } from 'node:http';

/** An invalid field of a request, and what would be accepted. */
export interface InvalidField {
  readonly field: string;
  readonly detail: string;
}

/**
 * Sends an error as RFC 9457 defines it (`application/problem+json`): `title` names the status, `detail` is a sentence for
 * people, `errors` lists the invalid fields.
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
        errors,
      }),
    );
}
