import { APIConnectionError, APIError } from 'openai';
import { ServiceError } from '../call/ports.ts';

/** Of a service's own words. */
const MOST_LETTERS = 200;

export type ServiceName = Exclude<ServiceError['service'], 'telephony'>;

/** What any failure of a request means to a call. */
export function serviceFailure(service: ServiceName, doing: string, cause: unknown): ServiceError {
  if (cause instanceof ServiceError) return cause;
  const passing = mayPass(cause);
  return new ServiceError(service, doing, { cause, passing, ...(!passing && { refusal: refusalOf(cause) }) });
}

/** A refused key is not repeated: services write a part of it into their answer. */
function refusalOf(cause: unknown): string | undefined {
  if (!(cause instanceof APIError)) return undefined;
  if (cause.code === 'insufficient_quota') return 'the account has no money left';
  const status: unknown = cause.status;
  if (status === 401 || status === 403) return 'it does not accept the key';
  const words = cause.message.replace(/^\d{3} /u, '').replace(/[.\s]+$/u, '');
  const said = words === '' ? '' : ` (“${words.slice(0, MOST_LETTERS)}”)`;
  if (status === 404) return `it does not know the model or the address${said}`;
  if (status === 413) return `what it was sent is too large for it${said}`;
  return `it cannot use what it was sent${said}`;
}

/** Too many requests pass; an account without money does not, though its status is the same. */
function mayPass(cause: unknown): boolean {
  if (cause instanceof APIConnectionError) return true;
  if (!(cause instanceof APIError)) return isNetworkFailure(cause);
  if (cause.code === 'insufficient_quota') return false;
  const status: unknown = cause.status;
  if (typeof status !== 'number') return true;
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

/** `fetch` throws a TypeError when the connection breaks in the middle of an answer. */
function isNetworkFailure(cause: unknown): boolean {
  return cause instanceof TypeError || (cause instanceof Error && 'code' in cause);
}
