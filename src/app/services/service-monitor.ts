import type { Clock } from '../../events/clock.ts';
import type { CallEventBus } from '../../events/event-bus.ts';
import { componentLog } from '../../log.ts';
import type { FinalizerFailure } from '../../records/finalization/finalizer-options.ts';
import type { Outages } from '../outages.ts';
import type { ServerDependencies } from '../server-dependencies.ts';
import { type DependencyCheck, DependencyChecks } from './dependency-checks.ts';
import { ServiceHealth } from './service-health.ts';
import { ServiceProbe } from './service-probe.ts';

export interface ServiceMonitorOptions {
  readonly dependencies: Pick<ServerDependencies, 'log' | 'settings' | 'assistant' | 'records' | 'telephony'>;
  readonly outages: Outages;
  readonly clock: Clock;
  /** Receives the events of all calls. */
  readonly events: CallEventBus;
}

/** Knows which services fail: from the requests of calls, from those after calls, and from its own checks, also of dependencies. */
export class ServiceMonitor {
  readonly health: ServiceHealth;
  readonly #probe: ServiceProbe | undefined;
  readonly #checks: DependencyChecks;

  constructor({ dependencies, outages, clock, events }: ServiceMonitorOptions) {
    const { log, settings, assistant } = dependencies;
    const { serviceCheckMs: everyMs } = settings.limits;
    this.health = new ServiceHealth(log, events, () => clock.now());
    const { services, prompts } = assistant;
    const speech = prompts.get('greeting').mulaw;
    this.#probe =
      everyMs > 0 ? new ServiceProbe({ services, health: this.health, clock, speech, everyMs }) : undefined;
    const checks = checksOf(dependencies);
    this.#checks = new DependencyChecks({
      checks,
      outages,
      log: componentLog(log, 'services'),
      clock,
      everyMs,
    });
  }

  /** For the synthesis of the greeting, which precedes calls. */
  readonly voiceFailed = (error: unknown): void =>
    this.health.failed('speech', error, {
      did: 'plays the recorded greeting, and requests the greeting again at the next call',
    });

  /** Begins to check the services. */
  start(): void {
    this.#probe?.start();
    this.#checks.start();
  }

  stop(): void {
    this.#probe?.stop();
    this.#checks.stop();
  }

  /** A step after a call failed; counts if a service is the cause. */
  finalizationFailed({ callSid, service, error }: FinalizerFailure): void {
    if (service !== undefined) this.health.failed(service, error, { callSid });
  }
}

function checksOf({ records, telephony }: ServiceMonitorOptions['dependencies']): DependencyCheck[] {
  const checks: DependencyCheck[] = [];
  const { catalogue, store } = records ?? {};
  if (catalogue) checks.push(['database', () => catalogue.list({}, { limit: 1 })]);
  if (store) checks.push(['object store', () => store.tidy()]);
  if (telephony?.check) checks.push(['telephony', () => telephony.check!()]);
  return checks;
}
