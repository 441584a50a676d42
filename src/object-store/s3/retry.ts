import { setTimeout as pause } from 'node:timers/promises';

/** One request is tried so often; longer outages are the depositor's to wait for. */
const TRIES = 3;
const FIRST_PAUSE_MS = 200;

interface Answered {
  readonly name?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** The HTTP status of what a store answered; undefined where it did not answer. */
export function statusOf(error: unknown): number | undefined {
  return (error as Answered | undefined)?.$metadata?.httpStatusCode;
}

export function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return names.includes((error as Answered | undefined)?.name ?? '');
}

/** Damaged or cut short on the way: a store refuses it with a 4xx all the same. */
const DAMAGED = ['BadDigest', 'XAmzContentSHA256Mismatch', 'IncompleteBody', 'RequestTimeout', 'SlowDown'];

function mayHeal(error: unknown): boolean {
  const status = statusOf(error);
  return status === undefined || status >= 500 || status === 429 || isNamed(error, ...DAMAGED);
}

/** The SDK does not repeat a request whose body is a stream; this does, and asks for a new stream each time. */
export async function withRetries<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  for (let failed = 1; ; failed += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted || failed === TRIES || !mayHeal(error)) throw error;
    }
    await pause(FIRST_PAUSE_MS * 4 ** (failed - 1), undefined, { signal });
  }
}
