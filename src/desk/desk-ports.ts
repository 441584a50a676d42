import type { AudioFormat } from '../audio/formats/formats.ts';
import type { FormatOutcome } from '../call/call-registry-options.ts';
import type { DeskCall, ToDesk } from './desk-messages.ts';

/** A call without what depends on the operator. */
export type ListedCall = Omit<DeskCall, 'lastWords' | 'operator' | 'declined'>;

/**
 * What operators do with live calls, in this process or in others. The methods resolve with false if that is not possible now, and
 * reject if the call's process does not answer.
 */
export interface DeskCalls {
  /** A call that has not changed is the same object as before, if it is in this process. */
  list(): readonly ListedCall[];
  takeOver(callSid: string): Promise<boolean>;
  handBack(callSid: string): Promise<boolean>;
  /** No operator wants a call that rings. */
  decline(callSid: string): Promise<boolean>;
  say(callSid: string, mulaw: Uint8Array): void;
  guide(callSid: string, text: string): Promise<boolean>;
  hangUp(callSid: string): Promise<boolean>;
  setFormat(callSid: string, format: AudioFormat): Promise<FormatOutcome>;
}

/** The connection of one operator's browser. */
export interface DeskConnection {
  send(message: ToDesk): void;
  /** Whether the browser reads too slowly; it gets no audio then. */
  readonly slow: boolean;
}
