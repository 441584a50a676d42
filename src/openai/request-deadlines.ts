import { ServiceError } from '../call/ports.ts';
import { serviceFailure, type ServiceName } from './service-failure.ts';
import type { Timer } from './timers.ts';

export interface Asking {
  readonly service: ServiceName;
  /** For the error: "writing a reply". */
  readonly doing: string;
  /** Aborts the request when the call no longer needs it. */
  readonly signal: AbortSignal;
  readonly timer: Timer;
}

/**
 * One complete response within `limitMs`. The package's own timeout ends with the response's headers, and a server may stall
 * after them. Throws a `ServiceError`, or the signal's reason if that aborted the request.
 */
export async function withDeadlines<T>(
  limitMs: number,
  asking: Asking,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  let late: ServiceError | undefined;
  const cancel = asking.timer(limitMs, () => {
    late = new ServiceError(asking.service, `${asking.doing}: no answer in time`, { transient: true });
    deadline.abort(late);
  });
  try {
    return await ask(AbortSignal.any([asking.signal, deadline.signal]));
  } catch (cause) {
    asking.signal.throwIfAborted();
    throw late ?? serviceFailure(asking.service, asking.doing, cause);
  } finally {
    cancel();
  }
}

/**
 * Yields a response piece by piece, and throws a `ServiceError` if no piece arrives for `idleMs`. The reader's own time does
 * not count. If `asking.signal` aborts the request, the generator just returns.
 */
export async function* pieceByPiece<T>(
  idleMs: number,
  asking: Asking,
  open: (signal: AbortSignal) => Promise<AsyncIterable<T>>,
): AsyncGenerator<T, void, undefined> {
  const { service, doing, signal, timer } = asking;
  const request = new AbortController();
  let silent: ServiceError | undefined;
  const watch = () =>
    timer(idleMs, () => {
      silent = new ServiceError(service, `${doing}: the answer stopped coming`, { transient: true });
      request.abort(silent);
    });
  let cancel = () => {};
  try {
    const pieces = await open(AbortSignal.any([signal, request.signal]));
    cancel = watch();
    for await (const piece of pieces) {
      cancel();
      yield piece;
      cancel = watch();
    }
    // The package ends an aborted stream as if it were complete.
    if (silent && !signal.aborted) throw silent;
  } catch (cause) {
    if (signal.aborted) return;
    throw silent ?? serviceFailure(service, doing, cause);
  } finally {
    cancel();
    request.abort(READ);
  }
}

/** Shared, because creating an error with its stack for every complete response is expensive. */
const READ = new Error('the response is no longer read');
