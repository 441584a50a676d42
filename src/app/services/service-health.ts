import { failureRecord } from '../../call/failure-record.ts';
import type { FailureRecord, ServiceResponse } from '../../events/call-events.ts';
import type { CallEventBus } from '../../events/event-bus.ts';
import { componentLog, type Log } from '../../log.ts';

export type MonitoredService = ServiceResponse['service'];

/** A service whose last request failed. */
export interface FailingService extends Pick<FailureRecord, 'server' | 'status' | 'code'> {
  readonly service: MonitoredService;
  /** ISO 8601: the first failure after the last success. */
  readonly since: string;
  /** The server's own message, or that of the network: `connect ECONNREFUSED 127.0.0.1:11434`. */
  readonly cause: string | undefined;
}

interface Failing {
  readonly failure: FailureRecord;
  readonly sinceMs: number;
}

/** Follows the requests of services: each failure is logged and counted; the last one is a problem until a request succeeds. */
export class ServiceHealth {
  readonly #log: Log;
  readonly #now: () => number;
  readonly #failing = new Map<MonitoredService, Failing>();
  readonly #succeededAtMs = new Map<MonitoredService, number>();
  #failures = 0;

  constructor(log: Log, events: CallEventBus, now: () => number) {
    this.#log = componentLog(log, 'services');
    this.#now = now;
    events.subscribe(['answer'], (callSid, { answer: { service, error, failure } }) => {
      if (failure !== undefined) this.#failed(service, failure, callSid);
      else if (error === undefined) this.succeeded(service);
    });
  }

  /** Failed requests since the start. */
  get failures(): number {
    return this.#failures;
  }

  /** A sentence for each service whose last request failed. */
  get problems(): string[] {
    return [...this.#failing].map(
      ([service, { failure, sinceMs }]) => `${sentence(service, failure)} (since ${isoTime(sinceMs)})`,
    );
  }

  /** The services whose last request failed. */
  get failing(): FailingService[] {
    return [...this.#failing].map(([service, { failure, sinceMs }]) => {
      const { server, status, code, said: cause } = failure;
      return { service, server, status, code, since: isoTime(sinceMs), cause };
    });
  }

  /** Epoch milliseconds; undefined before the first success. */
  succeededAtMs(service: MonitoredService): number | undefined {
    return this.#succeededAtMs.get(service);
  }

  succeeded(service: MonitoredService): void {
    const nowMs = this.#now();
    this.#succeededAtMs.set(service, nowMs);
    const failing = this.#failing.get(service);
    if (!failing) return;
    this.#failing.delete(service);
    this.#log.info({ service, failedForMs: Math.round(nowMs - failing.sinceMs) }, 'service works again');
  }

  /** A request failed outside of a live call. `did`: what offhook does about it, if it is not what it does in a call. */
  failed(service: MonitoredService, error: unknown, options: { did?: string; callSid?: string } = {}): void {
    const { did, callSid } = options;
    const cause = error instanceof Error ? error : new Error(String(error));
    const failure = failureRecord(service, cause);
    this.#failed(service, did === undefined ? failure : { ...failure, did }, callSid);
  }

  #failed(service: MonitoredService, failure: FailureRecord, callSid: string | undefined): void {
    this.#failures += 1;
    const sinceMs = this.#failing.get(service)?.sinceMs ?? this.#now();
    this.#failing.set(service, { failure, sinceMs });
    const { kind, ...fields } = failure;
    if (kind === 'program')
      this.#log.error({ callSid, service, ...fields }, 'programming error in a service request');
    else this.#log.warn({ callSid, service, ...fields }, 'service request failed');
  }
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

function sentence(service: MonitoredService, { kind, server, status, said }: FailureRecord): string {
  if (kind === 'program') return `${service}: programming error: ${said}`;
  const answer = status === undefined ? '' : ` answered ${status}`;
  return `${service}: ${server ?? 'the server'}${answer}${said === undefined ? '' : `: ${said}`}`;
}
