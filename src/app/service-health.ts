import type { CallEventBus } from '../events/event-bus.ts';
import type { FailureRecord, ServiceResponse } from '../events/call-events.ts';
import { failureRecord } from '../call/failure-record.ts';
import { componentLog, type Log } from '../log.ts';

type ServiceName = ServiceResponse['service'];

/** Follows the requests of services: each failure is logged and counted; the last one is a problem until a request succeeds. */
export class ServiceHealth {
  readonly #log: Log;
  readonly #failing = new Map<ServiceName, FailureRecord>();
  #failures = 0;

  constructor(log: Log, events: CallEventBus) {
    this.#log = componentLog(log, 'services');
    events.subscribe(['answer'], (callSid, { answer: { service, error, failure } }) => {
      if (failure !== undefined) this.#failed(service, failure, callSid);
      else if (error === undefined) this.#failing.delete(service);
    });
  }

  /** Failed requests since the start. */
  get failures(): number {
    return this.#failures;
  }

  /** A sentence for each service whose last request failed. */
  get problems(): string[] {
    return [...this.#failing].map(([service, failure]) => sentence(service, failure));
  }

  /** A request failed outside of a call. */
  report(service: ServiceName, error: unknown): void {
    const cause = error instanceof Error ? error : new Error(String(error));
    this.#failed(service, failureRecord(service, cause), undefined);
  }

  #failed(service: ServiceName, failure: FailureRecord, callSid: string | undefined): void {
    this.#failures += 1;
    this.#failing.set(service, failure);
    const { kind, ...fields } = failure;
    if (kind === 'program')
      this.#log.error({ callSid, service, ...fields }, 'programming error in a service request');
    else this.#log.warn({ callSid, service, ...fields }, 'service request failed');
  }
}

function sentence(service: ServiceName, { kind, server, status, said }: FailureRecord): string {
  if (kind === 'program') return `${service}: programming error: ${said}`;
  const answer = status === undefined ? '' : ` answered ${status}`;
  return `${service}: ${server ?? 'the server'}${answer}${said === undefined ? '' : `: ${said}`}`;
}
