import isNetworkError from 'is-network-error';
import { APIConnectionError, APIError } from 'openai';
import { ServiceError } from '../call/ports.ts';

/** Length of the service's message that is repeated in ours. */
const MAX_MESSAGE_LENGTH = 200;

export type ServiceName = Exclude<ServiceError['service'], 'telephony'>;

/** Converts any failure of a request to a `ServiceError`. */
export function serviceFailure(service: ServiceName, doing: string, cause: unknown): ServiceError {
  if (cause instanceof ServiceError) return cause;
  const transient = isTransient(cause);
  return new ServiceError(service, doing, {
    cause,
    transient,
    refusal: transient ? undefined : refusalOf(cause),
  });
}

/** Why the service refused. Messages about a refused key are not repeated: services include a part of the key in them. */
function refusalOf(cause: unknown): string | undefined {
  if (!(cause instanceof APIError)) return undefined;
  if (cause.code === 'insufficient_quota') return 'the account has no money left';
  const status: unknown = cause.status;
  if (status === 401 || status === 403) return 'it does not accept the key';
  const words = cause.message.replace(/^\d{3} /u, '').replace(/[.\s]+$/u, '');
  const said = words === '' ? '' : ` (“${words.slice(0, MAX_MESSAGE_LENGTH)}”)`;
  if (status === 404) return `it does not know the model or the address${said}`;
  if (status === 413) return `what it was sent is too large for it${said}`;
  return `it cannot use what it was sent${said}`;
}

/** Whether a retry may succeed. Both a rate limit and an account without credit have status 429; only the former is transient. */
function isTransient(cause: unknown): boolean {
  if (cause instanceof APIConnectionError) return true;
  if (!(cause instanceof APIError)) return isNetworkFailure(cause);
  if (cause.code === 'insufficient_quota') return false;
  const status: unknown = cause.status;
  if (typeof status !== 'number') return true;
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

/** `fetch` throws a TypeError when a connection breaks during a response. Other TypeErrors are programming errors. */
function isNetworkFailure(cause: unknown): boolean {
  return isNetworkError(cause) || (cause instanceof Error && 'code' in cause);
}
