import { ServiceError } from '../../call/ports.ts';
import { type FailedRequest, serviceFailure, TIMEOUT_CODE } from './service-failure.ts';
import type { ServiceTimeouts } from './timeouts.ts';
import type { Timer } from './timers.ts';

export interface TimedRequest extends FailedRequest {
  /** Aborts the request when the call no longer needs it. */
  readonly signal: AbortSignal;
  readonly timer: Timer;
}

/**
 * One complete response within `limitMs`. The package's own timeout ends with the response's headers, and a server may stall
 * after them. Throws a `ServiceError`, the programming error that occurred, or the signal's reason if that aborted the request.
 */
export async function wholeResponse<T>(
  limitMs: number,
  request: TimedRequest,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  let late: ServiceError | undefined;
  const cancel = request.timer(limitMs, () => {
    late = noAnswer(request, 'no complete response in time');
    deadline.abort(late);
  });
  try {
    return await ask(AbortSignal.any([request.signal, deadline.signal]));
  } catch (cause) {
    request.signal.throwIfAborted();
    throw late ?? serviceFailure(request, cause);
  } finally {
    cancel();
  }
}

/**
 * Yields a response piece by piece. Throws a `ServiceError` if the headers do not arrive within `answerMs`, the first piece not
 * within `answerMs` of the headers, or another one not within `idleMs`; the reader's own time does not count. If `request.signal` aborts the request, the generator just
 * returns.
 */
export async function* pieceByPiece<T>(
  { answerMs, idleMs }: ServiceTimeouts,
  request: TimedRequest,
  open: (signal: AbortSignal) => Promise<AsyncIterable<T>>,
): AsyncGenerator<T, void, undefined> {
  const { signal, timer } = request;
  const reading = new AbortController();
  let silent: ServiceError | undefined;
  let isRead = false;
  const watch = (limitMs: number, said: string) =>
    timer(limitMs, () => {
      silent = noAnswer(request, said);
      reading.abort(silent);
    });
  let cancel = watch(answerMs, 'no response in time');
  try {
    const pieces = await open(AbortSignal.any([signal, reading.signal]));
    cancel();
    cancel = watch(answerMs, STOPPED);
    for await (const piece of pieces) {
      cancel();
      yield piece;
      cancel = watch(idleMs, STOPPED);
    }
    isRead = true;
    if (silent && !signal.aborted) throw silent;
  } catch (cause) {
    if (signal.aborted) return;
    throw silent ?? serviceFailure(request, cause);
  } finally {
    cancel();
    // Each abort creates errors with their stacks, which is expensive, and there is nothing to end.
    if (!isRead) reading.abort(READ);
  }
}

function noAnswer({ service, doing, server }: TimedRequest, said: string): ServiceError {
  const details = { server, said, code: TIMEOUT_CODE };
  return new ServiceError(service, `${doing}: ${said}`, { transient: true, details });
}

const STOPPED = 'the response stopped';

/** Shared, because creating an error with its stack for every complete response is expensive. */
const READ = new Error('the response is no longer read');
