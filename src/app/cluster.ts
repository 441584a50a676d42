import type { SharedKey } from '../http/auth/known-browsers.ts';
import type { SharedSessions } from '../http/auth/session-table.ts';
import type { SharedAttempts } from '../http/auth/shared-attempts.ts';
import type { FinalizationJobs } from '../records/finalization/finalization-jobs.ts';
import type { MachineParts } from './machines/machine-parts.ts';
import type { FurtherProcesses } from './processes/call-processes.ts';
import { EmbeddedTickets, type StreamTicketStore } from '../telephony/twilio/stream-tickets.ts';

/** Apart for telephone and browser: a ticket of one does not admit a stream of the other. */
export interface StreamTicketStores {
  readonly telephone: StreamTicketStore;
  readonly browser: StreamTicketStore;
}

/** Who may use this telephone system: any machine knows what was allowed or refused at another. */
export interface SharedAccess {
  readonly sessions: SharedSessions;
  readonly attempts: SharedAttempts;
  readonly browserKey: SharedKey;
}

/** What this machine shares with others. Implemented by `cluster/`, which is loaded only if `REDIS_URL` is set. */
export interface Cluster {
  readonly tickets: StreamTicketStores;
  readonly access: SharedAccess;
  /** Which machine has which call, and messages between machines. */
  readonly machines: MachineParts;
  /** Jobs of all machines. */
  readonly jobs: FinalizationJobs;
  /** What fails and why, as sentences. */
  readonly problems: readonly string[];
  /** Whether Redis is connected, now or, while that is tried, within two seconds. */
  isReachable(): Promise<boolean>;
  /** Ends the connections. */
  close(): void;
}

/** Those of a machine that is alone. */
export function embeddedTickets(): StreamTicketStores {
  return { telephone: new EmbeddedTickets(), browser: new EmbeddedTickets() };
}

/** With whom a server shares calls and state. */
export interface ServerPeers {
  /** The calls are divided among this process and these. */
  readonly processes?: FurtherProcesses | undefined;
  /** Undefined: this machine is alone. It is closed with the server. */
  readonly cluster?: Cluster | undefined;
}
