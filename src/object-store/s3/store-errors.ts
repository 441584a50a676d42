import type { S3Client } from '@aws-sdk/client-s3';

const LONGEST_BODY = 200;
/** The SDK's words for an answer that it cannot read, and for each refused HEAD, which has no body. */
const UNKNOWN: readonly unknown[] = ['UnknownError', 'Unknown'];

interface StoreError {
  name: string;
  message: string;
  readonly Code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $responseBodyText?: unknown;
}

/** Lets errors of a client name the HTTP status, the code and the message of the store's answer. */
export function describeErrors(client: S3Client): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        throw error instanceof Error ? described(error as Error & StoreError) : error;
      }
    },
    { step: 'initialize', name: 'describeErrors', priority: 'high' },
  );
}

function described<E extends StoreError>(error: E): E {
  const status = error.$metadata?.httpStatusCode;
  if (status === undefined) return error;
  const code = [error.Code, error.name].find((each) => typeof each === 'string' && !UNKNOWN.includes(each));
  const { $responseBodyText: body } = error;
  const message = UNKNOWN.includes(error.message) || error.message === code ? '' : error.message;
  const text = message || (typeof body === 'string' ? body.slice(0, LONGEST_BODY) : '');
  error.message = [[`HTTP ${status}`, code].filter(Boolean).join(' '), text].filter(Boolean).join(': ');
  if (UNKNOWN.includes(error.name)) error.name = 'StoreError';
  return error;
}
