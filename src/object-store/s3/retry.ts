import pRetry from 'p-retry';
import { UploadRefused } from '../upload-permit.ts';

/** Retries of one request; the upload queue handles longer outages. */
const RETRIES = 2;
const FIRST_PAUSE_MS = 200;
const PAUSE_FACTOR = 4;

interface Attempts {
  readonly signal: AbortSignal;
  /** Called before each attempt; what it throws is not retried. */
  readonly ask?: (() => Promise<void>) | undefined;
}

interface Answered {
  readonly name?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** The HTTP status of the store's error response; undefined if there was no response. */
export function statusOf(error: unknown): number | undefined {
  return (error as Answered | undefined)?.$metadata?.httpStatusCode;
}

export function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return names.includes((error as Answered | undefined)?.name ?? '');
}

/** Errors that may pass although the store reports them with a 4xx status: damaged or truncated requests, throttling. */
const TRANSIENT = ['BadDigest', 'XAmzContentSHA256Mismatch', 'IncompleteBody', 'RequestTimeout', 'SlowDown'];

function isTransient(error: unknown): boolean {
  const status = statusOf(error);
  // 501: the store does not have the operation.
  return (
    status === undefined ||
    (status >= 500 && status !== 501) ||
    status === 429 ||
    isNamed(error, ...TRANSIENT)
  );
}

/**
 * Retries an attempt after transient errors. The SDK does not retry a request whose body is a stream; each attempt here opens
 * a new stream. A programming error is not retried.
 */
export function withRetries<T>({ signal, ask }: Attempts, attempt: () => Promise<T>): Promise<T> {
  const asked = async (): Promise<T> => {
    await ask?.();
    return attempt();
  };
  return pRetry(asked, {
    retries: RETRIES,
    minTimeout: FIRST_PAUSE_MS,
    factor: PAUSE_FACTOR,
    signal,
    shouldRetry: ({ error }) => !(error instanceof UploadRefused) && isTransient(error),
  });
}
