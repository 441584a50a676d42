import type { CallIdentity } from '../../call/call-options.ts';
import type { Annotation } from '../../records/annotations.ts';
import type { FromHost, ToHost } from '../processes/host-messages.ts';
import type { CallStateThere } from './tasks/shared-changes.ts';

/**
 * `released`: the other machine may take the call. `live`: it has an open stream, and stays. `unknown`: this machine has no such call.
 */
export type ReleaseResult = 'released' | 'live' | 'unknown';

/** What a machine answers and takes note of: as a process with calls, and as one with a desk. */
export type ToMachine = Omit<
  ToHost,
  'ring' | 'continues' | 'expectStream' | 'stream' | 'drop' | 'accept' | 'stop' | 'hurry'
> &
  Omit<FromHost, 'ready'> & {
    /** Another machine wants to go on with the call. `hasNewStream`: an open stream of it here has been replaced, or is dead. */
    release(callSid: CallIdentity['callSid'], hasNewStream: boolean): Promise<ReleaseResult>;
    /** What this machine's directory has of a call. */
    callState(callSid: string): Promise<CallStateThere>;
    /** Changes a finished call whose files this machine has. False: it has not. */
    annotate(callSid: string, change: Annotation): Promise<boolean>;
    /** There is a task for this machine's directory. */
    tasks(): void;
  };
