import { ServiceError } from '../../call/ports.ts';
import { isOutOfCredit } from '../server/out-of-credit.ts';
import { ResponseError } from '../server/response-error.ts';
import { type FailedRequest, serviceFailure, TIMEOUT_CODE } from '../server/service-failure.ts';
import { readServerMessage } from '../server/server-message.ts';
import type { RealtimeError } from './event-fields.ts';

/** The code of a request whose connection ended before the server answered. */
export const CONNECTION_LOST = 'connection_lost';

/** Failures of one Realtime server as errors of the service that it provides. */
export class RealtimeFailures {
  readonly #request: FailedRequest;

  constructor(request: FailedRequest) {
    this.#request = request;
  }

  /** Host and port. */
  get server(): string {
    return this.#request.server;
  }

  /** A failure that no message of the server describes. */
  of(said: string, options: { code?: string | undefined; transient?: boolean } = {}): ServiceError {
    const { code, transient = true } = options;
    const { service, doing, server } = this.#request;
    return new ServiceError(service, `${doing}: ${said}`, { transient, details: { server, said, code } });
  }

  late(said: string): ServiceError {
    return this.of(said, { code: TIMEOUT_CODE });
  }

  /** The server's event `error`, or a response that failed. */
  said({ type, code, message }: RealtimeError): ServiceError {
    const said = message ?? code ?? type ?? 'an error without a reason';
    const broke = isOutOfCredit({ code });
    const refused = type === 'invalid_request_error' && code !== 'session_expired';
    const refusal = broke ? 'the account has no money left' : `it cannot use what it was sent (“${said}”)`;
    const { service, doing, server } = this.#request;
    return new ServiceError(service, `${doing}: ${said}`, {
      transient: !broke && !refused,
      refusal: broke || refused ? refusal : undefined,
      details: { server, said, code: code ?? type },
    });
  }

  /** The handshake was answered with a status and not with a WebSocket. */
  refused(status: number, body: string): ServiceError {
    const said = readServerMessage(body);
    const { message = 'the server opens no WebSocket there' } = said;
    return this.network(new ResponseError(status, { ...said, message }));
  }

  /** An error of the socket. Not all of them have codes: those of proxies, for example. */
  network(cause: Error): ServiceError {
    const error = serviceFailure(this.#request, cause);
    return error instanceof ServiceError ? error : this.of(cause.message);
  }

  /** The same, for a request that may be sent again on another connection. */
  lost({ details, message }: ServiceError): ServiceError {
    return this.of(details.said ?? message, { code: CONNECTION_LOST });
  }
}
