/** How often a wait looks whether what it waits for has come. */
export const LOOK_MS = 100;

/** What came of asking a service: its answer, its failure, or nothing before it was too late. */
export type DeadlineResult<T> =
  | { readonly kind: 'given'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'late' };

/** Asks a service and lets go of it when it is too late for its answer. Never throws. */
export async function withDeadline<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  isLate: () => boolean,
  sleep: (ms: number) => Promise<void>,
): Promise<DeadlineResult<T>> {
  const late = { kind: 'late' } as const;
  if (isLate()) return late;
  const abort = new AbortController();
  let over = false;
  const answer = ask(abort.signal).then(
    (value) => ({ kind: 'given', value }) as const,
    (error: unknown) => ({ kind: 'failed', error }) as const,
  );
  const waited = async (): Promise<typeof late> => {
    while (!over && !isLate()) await sleep(LOOK_MS);
    return late;
  };
  const first = await Promise.race([answer, waited()]);
  over = true;
  if (first.kind === 'late') abort.abort();
  return first;
}
