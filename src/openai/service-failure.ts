import { APIConnectionError, APIError } from 'openai';
import { ServiceError } from '../call/ports.ts';

export type ServiceName = Exclude<ServiceError['service'], 'telephony'>;

/** What any failure of a request means to a call. */
export function serviceFailure(service: ServiceName, doing: string, cause: unknown): ServiceError {
  if (cause instanceof ServiceError) return cause;
  return new ServiceError(service, doing, { cause, passing: mayPass(cause) });
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
