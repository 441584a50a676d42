import type { Clock } from '../../events/clock.ts';

/** The result of a request: the answer, the failure, or neither before the deadline. */
export type DeadlineResult<T> =
  | { readonly kind: 'completed'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'late' };

export interface Deadline {
  readonly clock: Clock;
  readonly atMs: number;
  /** Ends the request before its deadline. */
  readonly signal: AbortSignal;
}

/** Sends a request and aborts it at the deadline. Never rejects. */
export async function withDeadline<T>(
  request: (signal: AbortSignal) => Promise<T>,
  { clock, atMs, signal }: Deadline,
): Promise<DeadlineResult<T>> {
  const late = { kind: 'late' } as const;
  const leftMs = atMs - clock.now();
  if (leftMs <= 0 || signal.aborted) return late;
  const abandoned = new AbortController();
  const answered = new AbortController();
  const answer = request(abandoned.signal).then(
    (value) => ({ kind: 'completed', value }) as const,
    (error: unknown) => ({ kind: 'failed', error }) as const,
  );
  const expiry = clock.sleep(leftMs, AbortSignal.any([signal, answered.signal])).then(() => late);
  const first = await Promise.race([answer, expiry]);
  answered.abort();
  if (first.kind === 'late') abandoned.abort();
  return first;
}
