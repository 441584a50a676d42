import type { AudioFormat } from '../audio/formats/formats.ts';
import type { Journal } from '../events/call-events.ts';
import type { Speaker } from '../events/speaker.ts';
import type { CallEnvironment, CallIdentity } from './call-options.ts';
import type { Call } from './call.ts';
import type { Utterance } from './ports.ts';

/** A call in progress, as other parts see it. */
export interface LiveCall {
  readonly identity: CallIdentity;
  readonly state: 'ringing' | 'live' | 'between';
  readonly startedAtMs: number;
  readonly format: AudioFormat;
}

/** A call that has ended and is to be finalised. */
export interface EndedCall<J extends Journal> {
  readonly callSid: string;
  readonly journal: J;
  /** Undefined if no stream of the call reached this process. */
  readonly call: Call | undefined;
  /** Utterances without a text, by turn; only for calls that are not recorded. */
  readonly leftOver: ReadonlyMap<number, Utterance>;
}

export type RingResult = 'welcome' | 'busy' | 'closing' | 'over';
export type FormatOutcome = 'set' | 'no-such-call' | 'finished' | 'recording-off';

export interface CallRegistryOptions<J extends Journal> {
  readonly environment: CallEnvironment;
  /** Called with all audio of all calls as it is received and sent. */
  readonly listen?: (callSid: string, speaker: Speaker, mulaw: Uint8Array, callMs: number) => void;
  readonly defaultFormat: AudioFormat;
  /** 0: no limit. */
  readonly maxCalls: number;
  openJournal(callSid: string): J;
  /** Reports a programming error in one call; the call is ended, the others continue. */
  broke(callSid: string, error: unknown): void;
  /** The call has ended: its files are to be written. */
  over(call: EndedCall<J>): void;
  /** True if the call was finalised or is being finalised. */
  isFinished(callSid: string): boolean;
}
