import { EmbeddedTickets, type StreamTicketStore } from '../telephony/twilio/stream-tickets.ts';

/** State that any machine of a telephone system needs to serve any request. */
export interface SharedState {
  /** Apart for telephone and browser: a ticket of one does not admit a stream of the other. */
  readonly tickets: { readonly telephone: StreamTicketStore; readonly browser: StreamTicketStore };
}

/** What this machine shares with others. Implemented by `cluster/`, which is loaded only if `REDIS_URL` is set. */
export interface Cluster extends SharedState {
  /** What fails and why, as sentences. */
  readonly problems: readonly string[];
  /** Ends the connections. */
  close(): void;
}

/** The state of a machine that is alone. */
export function embeddedState(): SharedState {
  return { tickets: { telephone: new EmbeddedTickets(), browser: new EmbeddedTickets() } };
}
