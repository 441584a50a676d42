import type { HeaderFields } from '../../proxy/http-response.ts';
import type { ServerMessage } from './server-message.ts';

/** A response without success. */
export class ResponseError extends Error {
  readonly status: number;
  readonly said: ServerMessage;
  readonly headers: HeaderFields;

  constructor(status: number, said: ServerMessage, headers: HeaderFields = new Headers()) {
    super(said.message ?? `status ${status} without a reason`);
    this.name = 'ResponseError';
    this.status = status;
    this.said = said;
    this.headers = headers;
  }
}
