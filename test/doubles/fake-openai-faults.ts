/** What can be asked of the stand-in, as the log and the faults name it. */
export type ServiceName = 'transcription' | 'chat' | 'summary' | 'speech' | 'models';

/** How a service fails. */
export type Fault =
  /** Answers with this HTTP status, as 500, or 429 with `retryAfterS`. */
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterS?: number }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** Answers this much later. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** Tears the connection before any answer. */
  | { readonly kind: 'refuse' }
  /** Tears the connection after so many pieces of the answer. */
  | { readonly kind: 'cut'; readonly afterPieces: number }
  /** Sends so many pieces of the answer and then nothing more, the connection staying open. */
  | { readonly kind: 'idle'; readonly afterPieces: number }
  /** Sends so many pieces of the answer, nothing for a while, and then the rest. */
  | { readonly kind: 'stall'; readonly afterPieces: number; readonly ms: number };

/** Which service fails how, and for how many requests more. */
export class FaultSchedule {
  readonly #faults = new Map<ServiceName, { fault: Fault; times: number }>();

  /** Without a fault the service works again. */
  set(service: ServiceName, fault: Fault | undefined, times = Infinity): void {
    if (fault) this.#faults.set(service, { fault, times });
    else this.#faults.delete(service);
  }

  /** The fault that meets the next request, if any. */
  take(service: ServiceName): Fault | undefined {
    const entry = this.#faults.get(service);
    if (!entry) return undefined;
    entry.times--;
    if (entry.times <= 0) this.#faults.delete(service);
    return entry.fault;
  }
}
