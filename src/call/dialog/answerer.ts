import type { Journal } from '../../events/call-events.ts';
import type { TalkSettings } from '../../events/call-settings.ts';
import type { SpeechOutput } from '../playback/speech-output.ts';
import type { Conversation } from './conversation.ts';
import type { PromptName } from './prompts.ts';
import type { ServiceCalls } from './service-calls.ts';

export type TalkState =
  'ringing' | 'greeting' | 'listening' | 'thinking' | 'speaking' | 'operator' | 'ending';

/** Who answers the caller: the assistant, or the answering machine. One method per thing that can happen. */
export interface Answerer {
  readonly state: TalkState;
  /** The line is there for the first time. */
  begin(atMs: number): void;
  callerStarted(atMs: number): void;
  /** The caller has spoken long enough to interrupt. */
  callerInsisted(atMs: number): void;
  /** What seemed to be speech was none. */
  callerDismissed(atMs: number): void;
  /** An utterance is complete; `aside`: spoken while the assistant was heard, without insisting. */
  utterance(turn: number, aside: boolean, silentMs: number, atMs: number): void;
  textCame(turn: number, result: string | Error, atMs: number): void;
  key(digit: string, atMs: number): void;
  tick(atMs: number): void;
  /** Stops whatever is in the making; the line is gone, for a while at least, or someone else answers now. */
  stop(atMs: number): void;
  /** The line is there again, after a break or in another process. */
  resume(atMs: number): void;
}

/** The greeting in the assistant's own voice, if it was made in time. */
export interface Greeter {
  /** Undefined: not made yet. 'none': there will be none, the recorded prompt serves. */
  ready(): { readonly text: string; readonly mulaw: Uint8Array } | 'none' | undefined;
}

/** What a behaviour has to work with. */
export interface AnswererContext {
  readonly mouth: SpeechOutput;
  readonly desk: ServiceCalls;
  readonly conversation: Conversation;
  readonly journal: Journal;
  readonly settings: TalkSettings;
  readonly greeter: Greeter;
  /** Ends the call once everything has been heard. */
  hangUp(reason: string, atMs: number): void;
  /** The assistant cannot go on: the answering machine takes over, with this prompt. */
  fallBack(introduction: PromptName, atMs: number): void;
  /** Whether the caller is speaking just now. */
  callerSpeaks(): boolean;
}
