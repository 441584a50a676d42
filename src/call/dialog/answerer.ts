import type { CallEventLog } from '../../events/call-events.ts';
import type { TalkSettings } from '../../events/call-settings.ts';
import type { SpeechOutput } from '../playback/speech-output.ts';
import type { Conversation } from './conversation.ts';
import type { PromptName } from './prompts.ts';
import type { ServiceCalls } from './service-calls.ts';
import type { SpokenReplies } from './spoken-replies.ts';
import type { TurnRules } from './turn-taking/turn-rules.ts';

export type TalkState =
  'ringing' | 'greeting' | 'listening' | 'thinking' | 'speaking' | 'operator' | 'ending';

/** A complete utterance of the caller, as an answerer sees it before its text is known. */
export interface CallerUtterance {
  readonly turn: number;
  /** True if it was spoken while our side was audible and was too short for a barge-in. */
  readonly backchannel: boolean;
  /** True if it was spoken over our audio by a voice too quiet to be the caller's. */
  readonly isBackground: boolean;
  /** Its length, from the first to the last voiced frame. */
  readonly spokenMs: number;
  /** Milliseconds of silence between the end of the utterance and now. */
  readonly silentMs: number;
}

/** Answers the caller: the assistant, the answering machine, an operator, or the ringing tone. One method per event. */
export interface Answerer {
  readonly state: TalkState;
  /** The first stream of the call has started. */
  begin(atMs: number): void;
  callerStarted(atMs: number): void;
  /** The caller has spoken long enough to interrupt. */
  callerBargedIn(atMs: number): void;
  /** The sound that looked like speech was too short. */
  falseStart(atMs: number): void;
  /** The caller pauses after a complete sentence with this text. The turn is over if the pause lasts. */
  callerPaused(text: string, atMs: number): void;
  /** True if something that the caller interrupted continues after this text. */
  continuesAfter(text: string): boolean;
  /** The caller goes on after a pause. */
  callerContinued(atMs: number): void;
  utterance(utterance: CallerUtterance, atMs: number): void;
  textArrived(turn: number, result: string | Error, atMs: number): void;
  key(digit: string, atMs: number): void;
  tick(atMs: number): void;
  /** Stops everything in progress: the line is gone for now, or another answerer takes over. */
  stop(atMs: number): void;
  /** The line is back, after a break or in another process. */
  resume(atMs: number): void;
}

/** Ignores every event: the base of answerers that react to few of them. */
export abstract class PassiveAnswerer implements Answerer {
  abstract readonly state: TalkState;

  begin(_atMs: number): void {}
  callerStarted(_atMs: number): void {}
  callerBargedIn(_atMs: number): void {}
  falseStart(_atMs: number): void {}
  callerPaused(_text: string, _atMs: number): void {}
  continuesAfter(_text: string): boolean {
    return false;
  }
  callerContinued(_atMs: number): void {}
  utterance(_utterance: CallerUtterance, _atMs: number): void {}
  textArrived(_turn: number, _result: string | Error, _atMs: number): void {}
  key(_digit: string, _atMs: number): void {}
  tick(_atMs: number): void {}
  stop(_atMs: number): void {}
  resume(_atMs: number): void {}
}

/** The greeting in the assistant's own voice, if it was synthesised in time. */
export interface Greeter {
  /** Undefined: not ready yet. `none`: there is no voice, so the recorded prompt is used. */
  ready(): { readonly text: string; readonly mulaw: Uint8Array } | 'none' | undefined;
}

/** What an answerer may do to its call. */
export interface CallControl {
  /** Ends the call after everything sent was heard. */
  hangUp(reason: string, atMs: number): void;
  /** Replaces the assistant by the answering machine, which begins with this prompt. */
  fallBack(introduction: PromptName, atMs: number): void;
  /** The caller waited for the text of this turn in vain. */
  giveUpText(turn: number): void;
  /** True while the caller is speaking. */
  callerSpeaks(): boolean;
}

export interface AnswererSettings extends TalkSettings {
  readonly rules: TurnRules;
}

/** What an answerer works with. */
export interface AnswererContext {
  readonly output: SpeechOutput;
  readonly serviceCalls: ServiceCalls;
  /** Of a speech-to-speech model; undefined: none is configured. */
  readonly spokenReplies?: SpokenReplies | undefined;
  readonly conversation: Conversation;
  readonly journal: CallEventLog;
  readonly settings: AnswererSettings;
  readonly greeter: Greeter;
  readonly control: CallControl;
}
