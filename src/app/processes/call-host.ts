import type { DeskCalls } from '../../desk/desk-ports.ts';
import { processDeskCalls } from '../../desk/process-desk-calls.ts';
import type { ProcessTelephoneCalls, TelephoneCalls } from '../../telephony/telephone-calls.ts';
import { type MetricValues, ProcessMetrics } from '../metrics/process-metrics.ts';
import { processHealth, type ProcessHealth } from '../process-health.ts';
import type { ProcessCalls } from './process-calls.ts';

/** The calls of one process, as webhooks, the desk and the API use them. */
export interface CallHost extends TelephoneCalls, DeskCalls {
  /** Calls, from ringing to the end. */
  readonly active: number;
  /** Calls with an open stream. */
  readonly connected: number;
  readonly health: ProcessHealth;
  has(callSid: string): boolean;
  metrics(): Promise<MetricValues>;
}

/** The calls of this process. `now`: epoch milliseconds. */
export function ownCallHost(
  calls: ProcessCalls,
  telephone: ProcessTelephoneCalls,
  now: () => number,
): CallHost {
  const { registry, storage, services, delay } = calls;
  const host: CallHost = {
    ...processDeskCalls(registry, now),
    get active() {
      return registry.active;
    },
    get connected() {
      return registry.connected;
    },
    get health() {
      return processHealth(storage, services, delay);
    },
    has: (callSid) => registry.has(callSid),
    ring: (identity) => telephone.ring(identity),
    continues: (identity) => telephone.continues(identity),
    completed: (callSid) => telephone.completed(callSid),
    expectStream: (identity) => telephone.expectStream(identity),
    metrics: () => metrics.read(),
  };
  const metrics = new ProcessMetrics(calls, host);
  return host;
}
