import type { CallRegistry } from '../../call/call-registry.ts';
import type { DeskCalls } from '../../desk/desk-ports.ts';
import { processDeskCalls } from '../../desk/process-desk-calls.ts';
import type { Journal } from '../../journal/journal.ts';
import type { ProcessTelephoneCalls, TelephoneCalls } from '../../telephony/telephone-calls.ts';
import type { ProcessHealth } from '../process-health.ts';

/** The calls of one process, as webhooks, the desk and the API use them. */
export interface CallHost extends TelephoneCalls, DeskCalls {
  /** Calls, from ringing to the end. */
  readonly active: number;
  /** Calls with an open stream. */
  readonly connected: number;
  readonly health: ProcessHealth;
  has(callSid: string): boolean;
}

/** The calls of this process. `now`: epoch milliseconds. */
export function ownCallHost(
  registry: CallRegistry<Journal>,
  telephone: ProcessTelephoneCalls,
  health: () => ProcessHealth,
  now: () => number,
): CallHost {
  return {
    ...processDeskCalls(registry, now),
    get active() {
      return registry.active;
    },
    get connected() {
      return registry.connected;
    },
    get health() {
      return health();
    },
    has: (callSid) => registry.has(callSid),
    ring: (identity) => telephone.ring(identity),
    continues: (callSid) => telephone.continues(callSid),
    completed: (callSid) => telephone.completed(callSid),
    expectStream: (identity) => telephone.expectStream(identity),
  };
}
