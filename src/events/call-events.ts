import type { AudioFormat } from '../audio/formats/formats.ts';
import type { CallSettings } from './call-settings.ts';
import type { Speaker } from './speaker.ts';

/**
 * Everything that happened in a call, in the order in which it happened. This is what the journal holds, and all that the
 * finished files are made from. `atMs` is the time of arrival or sending on our own monotonic clock, in epoch milliseconds.
 * `streamMs` counts from the start of one media stream; `callMs` from stream time 0 of the call's first stream.
 */
export type CallEvent =
  | {
      readonly kind: 'ringing';
      readonly atMs: number;
      readonly callSid: string;
      readonly from: string;
      readonly to: string;
      readonly format: AudioFormat;
      readonly recorded: boolean;
      /** The settings of the call, for replays. */
      readonly settings: CallSettings;
      /** The services that were configured. */
      readonly services: readonly ServiceResponse['service'][];
    }
  | { readonly kind: 'stream'; readonly atMs: number; readonly streamSid: string; readonly startMs: number }
  /** `mulaw` is empty where recording is off; `samples` is its length all the same. */
  | {
      readonly kind: 'caller';
      readonly atMs: number;
      readonly streamMs: number;
      readonly samples: number;
      readonly mulaw: Uint8Array;
    }
  | {
      readonly kind: 'piece';
      readonly atMs: number;
      readonly piece: number;
      readonly reply: number;
      readonly speaker: Speaker;
      readonly text: string;
      /** What the piece is for; only `reply` and `greeting` are remembered as conversation. */
      readonly role: PieceRole;
    }
  | {
      readonly kind: 'sent';
      readonly atMs: number;
      readonly piece: number;
      readonly samples: number;
      readonly mulaw: Uint8Array;
    }
  | { readonly kind: 'piece-complete'; readonly atMs: number; readonly piece: number; readonly text: string }
  | { readonly kind: 'mark-sent'; readonly atMs: number; readonly name: string }
  | { readonly kind: 'mark-back'; readonly atMs: number; readonly name: string }
  | { readonly kind: 'clear'; readonly atMs: number; readonly fence: string }
  | { readonly kind: 'unsaid'; readonly atMs: number; readonly reply: number; readonly text: string }
  | { readonly kind: 'key'; readonly atMs: number; readonly callMs: number; readonly digit: string }
  | {
      readonly kind: 'utterance';
      readonly atMs: number;
      readonly turn: number;
      /** By our clock; of an operator's utterance as it was spoken, not as it was heard. */
      readonly startMs: number;
      readonly endMs: number;
      /** An operator's: where it lies in the piece that carried it. */
      readonly operator?: OperatorUtterance;
      /** False where no transcriber was configured when it was spoken. */
      readonly asked: boolean;
    }
  | { readonly kind: 'text'; readonly atMs: number; readonly turn: number; readonly text: string }
  | {
      readonly kind: 'no-text';
      readonly atMs: number;
      readonly turn: number;
      readonly reason: string;
      readonly final: boolean;
    }
  | { readonly kind: 'answer'; readonly atMs: number; readonly answer: ServiceResponse }
  | { readonly kind: 'format'; readonly atMs: number; readonly format: AudioFormat }
  | { readonly kind: 'operator'; readonly atMs: number; readonly what: 'took over' | 'handed back' }
  /** What an operator told the assistant, for its next reply. */
  | { readonly kind: 'guidance'; readonly atMs: number; readonly text: string }
  | { readonly kind: 'oddity'; readonly atMs: number; readonly what: string }
  | {
      readonly kind: 'summary';
      readonly atMs: number;
      readonly text: string;
      readonly by: 'chat' | 'extract';
    }
  | { readonly kind: 'stream-end'; readonly atMs: number; readonly reason: StreamEnd }
  | { readonly kind: 'end'; readonly atMs: number; readonly reason: string };

/** What a piece is for. An `operator`'s piece is a person's voice: its words come later, as an utterance's text. */
export type PieceRole = 'greeting' | 'reply' | 'prompt' | 'tone' | 'operator';

/** An operator's utterance within its piece: milliseconds from the piece's first sample. */
export interface OperatorUtterance {
  readonly piece: number;
  readonly fromMs: number;
  readonly toMs: number;
}

export type StreamEnd = 'stop' | 'closed' | 'dead' | 'replaced' | 'crash';

/** What a service gave, for replaying the call without it: pieces of a stream with the times at which they came. */
export interface ServiceResponse {
  readonly service: 'transcription' | 'chat' | 'speech' | 'summary';
  readonly id: number;
  readonly askedAtMs: number;
  readonly request: string;
  readonly pieces: readonly { readonly afterMs: number; readonly text?: string; readonly samples?: number }[];
  readonly error?: string | undefined;
}

/** Takes the events of a call in order. Never blocks, never throws. */
export interface CallEventLog {
  append(event: CallEvent): void;
}
