import { ServiceError } from '../../call/ports.ts';
import type { HttpResponse } from '../../proxy/http-response.ts';
import { type FailedRequest, serviceFailure, TIMEOUT_CODE } from './service-failure.ts';
import type { ServiceTimeouts } from './timeouts.ts';
import type { Timer } from './timers.ts';

export interface TimedRequest extends FailedRequest {
  /** Aborts the request when the call no longer needs it. */
  readonly signal: AbortSignal;
  readonly timer: Timer;
}

/**
 * One complete response, whose headers arrive within `answerMs`, and all of it `idleMs` later. Throws a `ServiceError`, the programming
 * error that occurred, or the signal's reason if that aborted the request.
 */
export async function wholeResponse<T>(
  { answerMs, idleMs }: ServiceTimeouts,
  request: TimedRequest,
  open: (signal: AbortSignal) => Promise<HttpResponse>,
  read: (response: HttpResponse) => Promise<T>,
): Promise<T> {
  const ending = new LinkedAbort(request.signal);
  let late: ServiceError | undefined;
  const watch = (limitMs: number, said: string) =>
    request.timer(limitMs, () => {
      late ??= noAnswer(request, said);
      ending.abort(late);
    });
  const begun = watch(answerMs, 'no response in time');
  const complete = watch(answerMs + idleMs, 'no complete response in time');
  try {
    const response = await open(ending.signal);
    begun();
    return await read(response);
  } catch (cause) {
    request.signal.throwIfAborted();
    throw late ?? serviceFailure(request, cause);
  } finally {
    begun();
    complete();
    ending.release();
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
  const reading = new LinkedAbort(signal);
  let silent: ServiceError | undefined;
  let isRead = false;
  const watch = (limitMs: number, said: string) =>
    timer(limitMs, () => {
      silent = noAnswer(request, said);
      reading.abort(silent);
    });
  let cancel = watch(answerMs, 'no response in time');
  try {
    const pieces = await open(reading.signal);
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
    reading.release();
  }
}

function noAnswer({ service, doing, server }: TimedRequest, said: string): ServiceError {
  const details = { server, said, code: TIMEOUT_CODE };
  return new ServiceError(service, `${doing}: ${said}`, { transient: true, details });
}

const STOPPED = 'the response stopped';

/** Shared, because creating an error with its stack for every complete response is expensive. */
const READ = new Error('the response is no longer read');

/**
 * A signal that another one aborts, or `abort`. `AbortSignal.any` costs far more: its weak references are visited by each garbage
 * collection.
 */
class LinkedAbort {
  readonly #outer: AbortSignal;
  readonly #controller = new AbortController();

  constructor(outer: AbortSignal) {
    this.#outer = outer;
    if (outer.aborted) this.#follow();
    else outer.addEventListener('abort', this.#follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#controller.abort(reason);
  }

  /** The request is over: the other signal no longer refers to it. */
  release(): void {
    this.#outer.removeEventListener('abort', this.#follow);
  }

  readonly #follow = (): void => this.#controller.abort(this.#outer.reason);
}
