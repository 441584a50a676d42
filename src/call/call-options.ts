import type { AudioFormat } from '../audio/formats/formats.ts';
import type { Journal } from '../events/call-events.ts';
import type { CallSettings } from '../events/call-settings.ts';
import type { Speaker } from '../events/speaker.ts';
import type { DeskBell } from './dialog/answerer-switch.ts';
import type { Greeter } from './dialog/answerer.ts';
import type { PromptBook } from './dialog/prompts.ts';
import type { StreamJudge } from './media-session.ts';
import type { Said, Services, Utterance } from './ports.ts';

export interface CallIdentity {
  readonly callSid: string;
  readonly from: string;
  readonly to: string;
}

/** What an earlier process left of a call that goes on here. */
export interface CallHistory {
  readonly said: readonly Said[];
  readonly turns: number;
  readonly replies: number;
  readonly pieces: number;
  readonly keys: number;
  readonly rangAtMs: number;
  /** Our clock at the call's time 0. */
  readonly zeroAtMs: number;
  /** Where the call had got to, call milliseconds. */
  readonly endMs: number;
  readonly format: AudioFormat;
}

export interface CallOptions {
  readonly identity: CallIdentity;
  readonly settings: CallSettings;
  readonly journal: Journal;
  readonly services: Services;
  readonly prompts: PromptBook;
  readonly greeter: Greeter;
  readonly format: AudioFormat;
  readonly recorded: boolean;
  /** A fresh judge of speech for each stream. */
  readonly judge: () => StreamJudge;
  readonly now: () => number;
  readonly startedAtMs: number;
  readonly history?: CallHistory;
  /** The desk is rung first; absent: it is not. */
  readonly bell?: DeskBell;
  /** Told of all sound as it comes and goes, and where in the call it is heard; kept nowhere. */
  readonly listen?: (speaker: Speaker, mulaw: Uint8Array, callMs: number) => void;
  /** An utterance whose text the call will not see itself; only where recording is off does it carry the audio. */
  readonly leftOver?: (turn: number, utterance: Utterance) => void;
}
