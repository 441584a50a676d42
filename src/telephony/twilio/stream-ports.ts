import type { CallIdentity } from '../../call/call-options.ts';
import type { Call } from '../../call/call.ts';
import type { Line } from '../../call/ports.ts';
import type { StreamEnd } from '../../events/call-events.ts';

/** Decides who may start a media stream, and ends the telephone call behind it. */
export interface StreamSource {
  /** The parties of the call; undefined if this `start` is not authenticated. A promise resolves within a bounded time. */
  authenticate(
    callSid: string,
    token: string | undefined,
    atMs: number,
  ): CallIdentity | undefined | Promise<CallIdentity | undefined>;
  /** Ends the call at Twilio. Resolves with false if that is not possible; the socket is then closed instead. */
  endCall(callSid: string): Promise<boolean>;
}

/** The calls that media streams belong to. */
export interface StreamTarget {
  /** Resolves with false if this process must not run the call. Undefined if no check is needed, which is the usual case. */
  acquire(callSid: string): Promise<boolean> | undefined;
  /** Undefined if the call is over or not accepted. */
  streamStarted(identity: CallIdentity, streamSid: string, line: Line, atMs: number): Call | undefined;
  streamEnded(callSid: string, line: Line, reason: StreamEnd, atMs: number, lastSignMs: number): void;
  /** Called once per kind and stream, and again with the number of occurrences when the stream ends. */
  oddity(what: string, callSid: string | undefined): void;
}

export interface MediaStreamOptions {
  readonly source: StreamSource;
  readonly target: StreamTarget;
  readonly now: () => number;
}
