import { ServiceError } from '../call/ports.ts';
import { serviceFailure, type ServiceName } from './service-failure.ts';
import type { Timer } from './timers.ts';

export interface Asking {
  readonly service: ServiceName;
  /** For the error: "writing a reply". */
  readonly doing: string;
  /** Ends the request when the call no longer wants it. */
  readonly signal: AbortSignal;
  readonly timer: Timer;
}

/**
 * One answer as a whole, within `limitMs`: the package's own timeout ends when the answer's headers are there, and a
 * server may stall after them. Throws a `ServiceError`, or the signal's reason when that ended it.
 */
export async function withDeadlines<T>(
  limitMs: number,
  asking: Asking,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  let late: ServiceError | undefined;
  const cancel = asking.timer(limitMs, () => {
    late = new ServiceError(asking.service, `${asking.doing}: no answer in time`, { passing: true });
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
 * Passes an answer on piece by piece and throws a `ServiceError` when no piece comes for `idleMs`. The time the
 * reader takes does not count. When `asking.signal` ends it, it just stops: the reader knows why.
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
      silent = new ServiceError(service, `${doing}: the answer stopped coming`, { passing: true });
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
    // An aborted stream of the package ends as if it were complete.
    if (silent && !signal.aborted) throw silent;
  } catch (cause) {
    if (signal.aborted) return;
    throw silent ?? serviceFailure(service, doing, cause);
  } finally {
    cancel();
    request.abort(READ);
  }
}

/** One for all: an error of its own for every answer that was read to its end costs more than reading a piece of it. */
const READ = new Error('the answer is not read any further');
