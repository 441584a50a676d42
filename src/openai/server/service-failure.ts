import isNetworkError from 'is-network-error';
import { type FailureDetails, ServiceError } from '../../call/ports.ts';
import { withoutKeys } from '../../log.ts';
import { isOutOfCredit } from './out-of-credit.ts';
import { ResponseError } from './response-error.ts';

export type ServiceName = Exclude<ServiceError['service'], 'telephony'>;

/** What failed: for the error's message and its details. */
export interface FailedRequest {
  readonly service: ServiceName;
  /** "writing a reply". */
  readonly doing: string;
  /** Host and port of the server. */
  readonly server: string;
}

/**
 * Converts the failure of a request to a `ServiceError`. A programming error is returned unchanged: it is neither a failure of the
 * service nor worth a retry.
 */
export function serviceFailure(request: FailedRequest, cause: unknown): Error {
  if (cause instanceof ServiceError) return cause;
  const { service, doing, server } = request;
  const details = { server, ...detailsOf(cause) };
  if (isNetworkFailure(cause)) return new ServiceError(service, doing, { cause, transient: true, details });
  if (!(cause instanceof ResponseError))
    return cause instanceof Error ? cause : new Error(String(cause), { cause });
  const transient = isTransientStatus(details);
  const refusal = transient ? undefined : describeRefusal(details);
  return new ServiceError(service, doing, { cause, transient, refusal, details });
}

/** The code of a request whose response did not arrive, or did not continue, in time. */
export const TIMEOUT_CODE = 'timeout';

/** Why the service refused. Messages about a refused key are not repeated: services include a part of the key in them. */
function describeRefusal(details: FailureDetails): string {
  const { status, said } = details;
  if (isOutOfCredit(details)) return 'the account has no money left';
  if (status === 401 || status === 403) return 'it does not accept the key';
  const quoted = said === undefined ? '' : ` (“${said.replace(/[.\s]+$/u, '')}”)`;
  if (status === 404) return `it does not know the model or the address${quoted}`;
  if (status === 413) return `what it was sent is too large for it${quoted}`;
  return `it cannot use what it was sent${quoted}`;
}

function detailsOf(cause: unknown): FailureDetails {
  if (!(cause instanceof ResponseError)) return { said: rootMessage(cause) };
  const { status } = cause;
  const { code, message } = cause.said;
  const details = { status, code, said: message === undefined ? undefined : withoutKeys(message) };
  // Some services refuse a good key with 403 when there is no money.
  const isKeyRefused = status === 401 || (status === 403 && !isOutOfCredit(details));
  return isKeyRefused ? { ...details, said: undefined } : details;
}

/** The message of the deepest cause: "connect ECONNREFUSED 127.0.0.1:11434" instead of "Connection error.". */
export function rootMessage(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof AggregateError && error.errors.length > 0) return rootMessage(error.errors[0]);
  return rootMessage(error.cause) ?? error.message;
}

/** Whether a retry may succeed. Both a rate limit and an account without credit have status 429; only the former is transient. */
function isTransientStatus(details: FailureDetails): boolean {
  const { status } = details;
  if (isOutOfCredit(details)) return false;
  if (status === undefined) return true;
  return status === 408 || status === 409 || status === 425 || status === 429 || status >= 500;
}

/** TypeErrors of `fetch` are failures of the network; others are programming errors. */
function isNetworkFailure(cause: unknown): boolean {
  if (cause instanceof ResponseError) return false;
  return isNetworkError(cause) || (cause instanceof Error && hasSystemCode(cause));
}

/** `ECONNRESET`, `UND_ERR_SOCKET`, `CERT_HAS_EXPIRED`; complaints about arguments begin with `ERR_INVALID_ARG` or `UND_ERR_INVALID_ARG`. */
function hasSystemCode(error: Error): boolean {
  const code = 'code' in error ? error.code : undefined;
  return typeof code === 'string' && !/^(?:UND_)?ERR_(?:INVALID|OUT_OF)/u.test(code);
}
