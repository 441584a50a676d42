import type { AudioFormat } from '../audio/formats/formats.ts';
import type { CallEventLog } from '../events/call-events.ts';
import type { CallEnvironment, CallIdentity } from './call-options.ts';
import type { CallSound, CallStore } from './call-store.ts';

/** A call in progress, as other parts see it. */
export interface LiveCall {
  readonly identity: CallIdentity;
  readonly state: 'ringing' | 'live' | 'between';
  /** As `RegistryEntry.startedAtMs`. */
  readonly startedAtMs: number;
  readonly format: AudioFormat;
}

export type RingResult = 'accepted' | 'busy' | 'closing' | 'over';
export type FormatOutcome = 'set' | 'no-such-call' | 'finished' | 'recording-off';

export interface CallRegistryOptions<J extends CallEventLog> {
  readonly environment: CallEnvironment;
  /** Receives all audio of all calls as it arrives and is sent. */
  readonly sound?: CallSound | undefined;
  readonly defaultFormat: AudioFormat;
  /** 0: no limit. */
  readonly maxCalls: number;
  readonly storage: CallStore<J>;
}
