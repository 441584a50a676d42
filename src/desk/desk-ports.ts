import type { AudioFormat } from '../audio/formats/formats.ts';
import type { DeskCall, ToDesk } from './desk-messages.ts';

/** A call without what depends on the operator. */
export type ListedCall = Omit<DeskCall, 'lastWords' | 'operator' | 'declined'>;

/** What operators do with live calls. The methods return false if that is not possible now. */
export interface DeskCalls {
  list(): readonly ListedCall[];
  takeOver(callSid: string): boolean;
  handBack(callSid: string): boolean;
  /** No operator wants a call that rings. */
  decline(callSid: string): boolean;
  say(callSid: string, mulaw: Uint8Array): void;
  guide(callSid: string, text: string): boolean;
  hangUp(callSid: string): boolean;
  setFormat(callSid: string, format: AudioFormat): boolean;
}

/** The connection of one operator's browser. */
export interface DeskConnection {
  send(message: ToDesk): void;
  /** Whether the browser reads too slowly; it gets no audio then. */
  readonly slow: boolean;
}
