import type { DeskCall } from '../../src/desk/desk-messages.ts';
import type { CallOutcome, CallState } from '../../src/records/call-entry.ts';

/** Texts for the states of a live call. */
export const STATE_WORDS: Readonly<Record<DeskCall['state'], string>> = {
  ringing: 'Ringing',
  greeting: 'Greeting',
  listening: 'Listening',
  thinking: 'Thinking',
  speaking: 'Speaking',
  operator: 'Operator',
  ending: 'Ending',
  between: 'Line lost, may reconnect',
};

/** Texts for the outcome of a call. */
export const OUTCOME_WORDS: Readonly<Record<CallOutcome, string>> = {
  conversation: 'Conversation',
  message: 'Message left',
  silent: 'No speech',
  failed: 'Failed',
};

/** A call whose files could not be written. */
export const UNWRITTEN_WORDS = 'Files could not be written';

export const CALL_STATE_WORDS: Readonly<Record<CallState, string>> = {
  live: 'Live',
  finishing: 'Being finished',
  finished: 'Finished',
};
