import type { WebSocket } from 'ws';
import type { CallIdentity } from '../call/call-options.ts';
import type { RingResult } from '../call/call-registry-options.ts';
import type { CallRegistry } from '../call/call-registry.ts';
import type { Clock } from '../events/clock.ts';
import type { Journal } from '../journal/journal.ts';
import type { Log } from '../log.ts';
import { type CallOwnership, CallStreams } from './call-streams.ts';
import { CallerRegistry } from './caller-registry.ts';
import { MediaStream } from './twilio/media-stream.ts';
import type { StreamSource } from './twilio/stream-ports.ts';
import type { StreamTicketStore } from './twilio/stream-tickets.ts';

/** Ends calls at the telephone provider. */
export interface CallTerminator {
  endCall(callSid: string): Promise<void>;
  /** Has the provider end the call's stream, and request its next action. */
  readonly redirect?: ((callSid: string) => Promise<void>) | undefined;
  /** Rejects with a sentence if the provider does not accept the account. */
  readonly check?: (() => Promise<void>) | undefined;
}

/** Where the media stream of a call arrives, and the one-time token that it must show. */
export interface ExpectedStream {
  readonly path: string;
  readonly token: string;
}

/** Telephone calls, as webhooks announce, continue and end them. */
export interface TelephoneCalls {
  ring(identity: CallIdentity): Promise<RingResult>;
  /** Whether the call continues after its stream has ended. */
  continues(identity: CallIdentity): Promise<boolean>;
  completed(callSid: string): Promise<void>;
  /** The call's stream will come. */
  expectStream(identity: CallIdentity): Promise<ExpectedStream>;
}

/** The one-time tokens of media streams. */
export interface StreamTickets {
  readonly store: StreamTicketStore;
  /** False: streams need no token, because webhooks are not signed either. */
  readonly required: boolean;
}

export interface ProcessTelephoneCallsOptions {
  readonly calls: Pick<
    CallRegistry<Journal>,
    'ring' | 'continues' | 'completed' | 'streamStarted' | 'streamEnded'
  >;
  readonly ownership: CallOwnership;
  readonly log: Log;
  readonly clock: Pick<Clock, 'now'>;
  /** Where the media streams of this process arrive. */
  readonly path: string;
  readonly tickets: StreamTickets;
  /** Undefined if no account of the provider is configured. */
  readonly terminator?: CallTerminator | undefined;
  /** A call is about to start. */
  readonly ringing: () => void;
}

/** The telephone calls of this process, with their media streams. */
export class ProcessTelephoneCalls implements TelephoneCalls, StreamSource {
  readonly streams: CallStreams;
  readonly #options: ProcessTelephoneCallsOptions;
  readonly #open = new Set<MediaStream>();
  readonly #callers = new CallerRegistry();

  constructor(options: ProcessTelephoneCallsOptions) {
    this.#options = options;
    this.streams = new CallStreams(options.calls, options.ownership, options.log);
  }

  /** Remembers the parties of a call whose stream has not started yet. */
  remember(identity: CallIdentity): void {
    this.#callers.remember(identity);
  }

  async ring(identity: CallIdentity): Promise<RingResult> {
    const { calls, ownership, ringing, clock } = this.#options;
    const atMs = clock.now();
    const free = (await ownership.acquire(identity.callSid, 'ring')) ?? true;
    const outcome = free ? calls.ring(identity, atMs) : 'over';
    if (outcome === 'accepted') {
      this.remember(identity);
      ringing();
    }
    return outcome;
  }

  async continues(identity: CallIdentity): Promise<boolean> {
    const { callSid } = identity;
    const { calls, ownership, clock } = this.#options;
    const atMs = clock.now();
    if ((await ownership.acquire(callSid, 'continues')) === false) return false;
    if (calls.continues(callSid, atMs)) return true;
    return ownership.beginsAnew(callSid) && calls.ring(identity, atMs) === 'accepted';
  }

  async completed(callSid: string): Promise<void> {
    const { calls, ownership, clock } = this.#options;
    const atMs = clock.now();
    await ownership.acquire(callSid, 'completed');
    calls.completed(callSid, atMs);
  }

  async expectStream(identity: CallIdentity): Promise<ExpectedStream> {
    const { tickets, clock, path } = this.#options;
    this.remember(identity);
    const token = await tickets.store.issue(this.#callers.identityOf(identity.callSid), clock.now());
    return { path, token };
  }

  /** A media stream has connected. */
  open(socket: WebSocket): void {
    const now = (): number => this.#options.clock.now();
    this.#open.add(new MediaStream(socket, { source: this, target: this.streams, now }));
  }

  authenticate(
    callSid: string,
    token: string | undefined,
    atMs: number,
  ): CallIdentity | undefined | Promise<CallIdentity | undefined> {
    const { store, required } = this.#options.tickets;
    if (required) return store.redeem(token, callSid, atMs);
    if (this.#callers.knows(callSid)) return this.#callers.identityOf(callSid);
    // The webhook may have come to another machine, whose ticket names the parties.
    const redeemed = store.redeem(token, callSid, atMs);
    const known = (identity: CallIdentity | undefined) => identity ?? this.#callers.identityOf(callSid);
    return redeemed instanceof Promise ? redeemed.then(known) : known(redeemed);
  }

  async endCall(callSid: string): Promise<boolean> {
    const { terminator, log } = this.#options;
    if (!terminator) return false;
    try {
      await terminator.endCall(callSid);
      return true;
    } catch (error) {
      log.warn({ callSid, err: error }, 'hang-up over REST failed; closing the socket instead');
      return false;
    }
  }

  /** Call it every `STREAM_TICK_MS`. */
  tick(atMs: number): void {
    for (const stream of this.#open) if (!stream.tick(atMs)) this.#open.delete(stream);
  }

  close(): void {
    for (const stream of this.#open) stream.close();
  }
}
