import type { Clock } from '../../events/clock.ts';
import type { CallEventBus } from '../../events/event-bus.ts';
import type { Log } from '../../log.ts';
import type { FinalizerFailure } from '../../records/finalization/finalizer-options.ts';
import type { Settings } from '../../settings/settings.ts';
import type { AssistantResources } from '../server-dependencies.ts';
import { ServiceHealth } from './service-health.ts';
import { ServiceProbe } from './service-probe.ts';

export interface ServiceMonitorOptions {
  readonly log: Log;
  readonly clock: Clock;
  /** Receives the events of all calls. */
  readonly events: CallEventBus;
  readonly assistant: AssistantResources;
  readonly settings: Settings;
}

/** Knows which services fail: from the requests of calls, from those after calls, and from its own checks. */
export class ServiceMonitor {
  readonly health: ServiceHealth;
  readonly #probe: ServiceProbe | undefined;

  constructor({ log, clock, events, assistant, settings }: ServiceMonitorOptions) {
    const { serviceCheckMs: everyMs } = settings.limits;
    this.health = new ServiceHealth(log, events, () => clock.now());
    const { services, prompts } = assistant;
    const speech = prompts.get('greeting').mulaw;
    this.#probe =
      everyMs > 0 ? new ServiceProbe({ services, health: this.health, clock, speech, everyMs }) : undefined;
  }

  /** For the synthesis of the greeting, which precedes calls. */
  readonly voiceFailed = (error: unknown): void =>
    this.health.failed('speech', error, {
      did: 'plays the recorded greeting, and requests the greeting again at the next call',
    });

  /** Begins to check the services. */
  start(): void {
    this.#probe?.start();
  }

  stop(): void {
    this.#probe?.stop();
  }

  /** A step after a call failed; counts if a service is the cause. */
  finalizationFailed({ callSid, service, error }: FinalizerFailure): void {
    if (service !== undefined) this.health.failed(service, error, { callSid });
  }
}
