import { Registry } from 'prom-client';
import type { ProcessCalls } from '../processes/process-calls.ts';
import { countCallEvents } from './call-counters.ts';
import { reportProcessResources } from './process-resources.ts';
import { type ProcessState, reportProcessState } from './process-state.ts';
import { TurnTimes } from './turn-times.ts';

/** All metrics of one process, with their values. */
export type MetricValues = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

export type MeasuredCalls = Pick<ProcessCalls, 'events' | 'changes'> & {
  readonly storage: Pick<ProcessCalls['storage'], 'finalized'>;
  readonly services: { readonly health: Pick<ProcessCalls['services']['health'], 'failing'> };
};

/** The metrics of one process. */
export class ProcessMetrics {
  readonly #registry = new Registry();

  constructor({ events, changes, storage, services }: MeasuredCalls, state: ProcessState) {
    countCallEvents(this.#registry, events);
    new TurnTimes(this.#registry, changes, storage.finalized);
    reportProcessState(this.#registry, state, services.health);
    reportProcessResources(this.#registry);
  }

  read(): Promise<MetricValues> {
    return this.#registry.getMetricsAsJSON();
  }
}
