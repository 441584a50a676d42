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
  /** A programming error in one call has ended that call. Other calls are not affected. */
  failed(callSid: string, error: unknown): void;
}

/** Audio of one speaker in μ-law; `callMs`: its position in the call. */
export type CallSound = Topic<[callSid: string, speaker: Speaker, mulaw: Uint8Array, callMs: number]>;
