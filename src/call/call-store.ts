import type { CallEventLog } from '../events/call-events.ts';
import type { Speaker } from '../events/speaker.ts';
import type { Topic } from '../events/topic.ts';
import type { Call } from './call.ts';
import type { Utterance } from './ports.ts';

/** A call that has ended and has no files yet. */
export interface EndedCall<J extends CallEventLog> {
  readonly callSid: string;
  readonly journal: J;
  readonly call: Call | undefined;
  readonly untranscribed: ReadonlyMap<number, Utterance>;
}

/** Keeps the journals of calls and finishes calls that have ended. */
export interface CallStore<J extends CallEventLog> {
  openJournal(callSid: string): J;
  /** Whether a call with this CallSid was finished, or is being finished. */
  isFinished(callSid: string): boolean;
  /** The call has ended; its files are to be written. */
  ended(call: EndedCall<J>): void;
  /** A programming error in one call. It ends that call and no other. */
  failed(callSid: string, error: unknown): void;
}

/** μ-law of one speaker, and where in the call it is heard. */
export type CallSound = Topic<[callSid: string, speaker: Speaker, mulaw: Uint8Array, callMs: number]>;
