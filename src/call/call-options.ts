import type { AudioFormat } from '../audio/formats/formats.ts';
import type { CallEventLog } from '../events/call-events.ts';
import type { CallSettings } from '../events/call-settings.ts';
import type { Speaker } from '../events/speaker.ts';
import type { Greeter } from './dialog/answerer.ts';
import type { TalkInterruption } from './dialog/conversation.ts';
import type { PromptBook } from './dialog/prompts.ts';
import type { OperatorRing } from './dialog/ringing.ts';
import type { TurnRules } from './dialog/turn-taking/turn-rules.ts';
import type { ReleasableDetector } from './media-session.ts';
import type { ConversationTurn, Services, Utterance } from './ports.ts';

export interface CallIdentity {
  readonly callSid: string;
  readonly from: string;
  readonly to: string;
}

/** What an earlier process recorded of a call that continues here. */
export interface CallHistory {
  readonly said: readonly ConversationTurn[];
  /** The highest numbers used so far. */
  readonly turns: number;
  readonly replies: number;
  readonly pieces: number;
  /** The number of keys pressed so far. */
  readonly keys: number;
  /** When the first stream started, by our clock. */
  readonly startedAtMs: number;
  /** Our clock at call time 0. */
  readonly zeroAtMs: number;
  /** The end of the call so far, in call milliseconds. */
  readonly endMs: number;
  readonly format: AudioFormat;
  /** Default: its process ended without a word. */
  readonly interruption?: TalkInterruption | undefined;
}

/** What all calls of a process share. */
export interface CallEnvironment {
  readonly settings: CallSettings;
  readonly rules: TurnRules;
  readonly services: Services;
  readonly prompts: PromptBook;
  readonly greeter: Greeter;
  /** False: the journal holds no audio, and no recording is made. */
  readonly recorded: boolean;
  /** Creates a voice activity detector for one stream. */
  readonly createDetector: () => ReleasableDetector;
  readonly now: () => number;
  /** Undefined: operators are not rung before the assistant answers. */
  readonly ring?: OperatorRing | undefined;
}

/** Follows a call's audio and utterances. Nothing is stored. */
export interface CallListener {
  /** All audio as it is received and sent; `callMs`: where in the call it is heard. */
  audio(speaker: Speaker, mulaw: Uint8Array, callMs: number): void;
  /** An utterance whose text this call will not receive. */
  untranscribed(turn: number, utterance: Utterance): void;
}

export interface CallOptions {
  readonly identity: CallIdentity;
  readonly environment: CallEnvironment;
  readonly journal: CallEventLog;
  readonly listener: CallListener;
  readonly format: AudioFormat;
  /** When the first stream started. */
  readonly startedAtMs: number;
  /** Undefined for a new call. */
  readonly history?: CallHistory | undefined;
}
