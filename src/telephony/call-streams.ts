import type { CallIdentity } from '../call/call-options.ts';
import type { CallRegistry } from '../call/call-registry.ts';
import type { Call } from '../call/call.ts';
import type { Line } from '../call/ports.ts';
import type { StreamEnd } from '../events/call-events.ts';
import type { Journal } from '../journal/journal.ts';
import type { Log } from '../log.ts';
import type { StreamTarget } from './twilio/stream-ports.ts';

/** What Twilio wants of a call: it rings, its media stream starts, its stream has ended and it may continue, or it has ended. */
export type CallRequest = 'ring' | 'stream' | 'continues' | 'completed';

/** Decides whether this process may run a call that Twilio names. Implemented by recovery, and for several machines by their leases. */
export interface CallOwnership {
  /** As `CallRecovery.acquire`; undefined also if recovery is not running. */
  acquire(callSid: string, request: CallRequest): Promise<boolean> | undefined;
  /** Whether a call that this process has acquired had been answered elsewhere, and nothing of it is left: it begins anew. */
  beginsAnew(callSid: string): boolean;
}

/** Connects media streams, from the telephone or from a browser, to the calls of this process. */
export class CallStreams implements StreamTarget {
  readonly #calls: Pick<CallRegistry<Journal>, 'ring' | 'streamStarted' | 'streamEnded'>;
  readonly #ownership: CallOwnership;
  readonly #log: Log;

  constructor(
    calls: Pick<CallRegistry<Journal>, 'ring' | 'streamStarted' | 'streamEnded'>,
    recovery: CallOwnership,
    log: Log,
  ) {
    this.#calls = calls;
    this.#ownership = recovery;
    this.#log = log;
  }

  acquire(callSid: string): Promise<boolean> | undefined {
    return this.#ownership.acquire(callSid, 'stream');
  }

  streamStarted(identity: CallIdentity, streamSid: string, line: Line, atMs: number): Call | undefined {
    this.#log.info({ callSid: identity.callSid, streamSid }, 'media stream started');
    // A webhook has announced it to another machine.
    if (this.#ownership.beginsAnew(identity.callSid)) this.#calls.ring(identity, atMs);
    return this.#calls.streamStarted(identity, streamSid, line, atMs);
  }

  streamEnded(callSid: string, line: Line, reason: StreamEnd, atMs: number, lastSignMs: number): void {
    this.#log.info({ callSid, reason }, 'media stream ended');
    this.#calls.streamEnded(callSid, line, reason, atMs, lastSignMs);
  }

  oddity(what: string, callSid: string | undefined): void {
    this.#log.warn({ callSid, what }, 'media stream oddity');
  }
}
