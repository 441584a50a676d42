import type { AudioFormat } from '../audio/formats/formats.ts';
import type { CallSettings } from './call-settings.ts';
import type { Speaker } from './speaker.ts';

/**
 * Everything that happened in a call, in order. This is the content of the journal (docs/data-format.md), and the finished files
 * are made from it alone. A change of a field's meaning needs a new `JOURNAL_VERSION`; new optional fields do not.
 *
 * Clocks, all in milliseconds:
 * - `atMs`: when the event reached or left this process, on its monotonic clock, counted from the epoch.
 * - `streamMs`: since the start of one media stream (Twilio's `media.timestamp`).
 * - `callMs`, `startMs`, `endMs`: since stream time 0 of the call's first stream; positions in the recording use this zero.
 *
 * Audio is μ-law at 8,000 Hz: one byte per sample.
 */
export type CallEvent =
  /** The parties and settings of the call. The first event of every journal; `atMs`: when the first stream started. */
  | {
      readonly kind: 'ringing';
      readonly atMs: number;
      readonly callSid: string;
      readonly from: string;
      readonly to: string;
      /** The format of the recording; a later `format` event changes it. */
      readonly format: AudioFormat;
      /** False: the journal holds no audio. */
      readonly recorded: boolean;
      /** The settings that shape the call, for replay and late transcription. */
      readonly settings: CallSettings;
      /** The configured services. */
      readonly services: readonly ServiceResponse['service'][];
    }
  /** A media stream started. `startMs`: its stream time 0, in call time. */
  | { readonly kind: 'stream'; readonly atMs: number; readonly streamSid: string; readonly startMs: number }
  /** A frame of the caller. `streamMs`: where it was placed. `mulaw` is empty without recording; `samples` is its length anyway. */
  | {
      readonly kind: 'caller';
      readonly atMs: number;
      readonly streamMs: number;
      readonly samples: number;
      readonly mulaw: Uint8Array;
    }
  /** A piece of output was opened. Pieces and replies are numbered from 1 within the call. */
  | {
      readonly kind: 'piece';
      readonly atMs: number;
      readonly piece: number;
      /** The reply that the piece belongs to; a reply has one piece per sentence. */
      readonly reply: number;
      readonly speaker: Speaker;
      /** The words of the piece; empty for tones and for operators. */
      readonly text: string;
      /** Only `reply` and `greeting` become part of the conversation. */
      readonly role: PieceRole;
      /** The piece whose last words are those of this one: the reply continues after an interruption by a cough or a word of assent. */
      readonly continues?: number | undefined;
      /** Of a reply that a speech-to-speech model spoke. */
      readonly spoken?: PlaceInResponse | undefined;
    }
  /** Audio of a piece was sent to the line. `mulaw` is empty without recording; `samples` is its length anyway. */
  | {
      readonly kind: 'sent';
      readonly atMs: number;
      readonly piece: number;
      readonly samples: number;
      readonly mulaw: Uint8Array;
    }
  /** The words of a piece, as far as they are known: they arrive with its audio. They replace those of `piece`. */
  | {
      readonly kind: 'piece-words';
      readonly atMs: number;
      readonly piece: number;
      readonly text: string;
      /** The length of its audio, once all of it has arrived. */
      readonly samples?: number | undefined;
      /** Where its sentences begin, if it has several; known with `samples`. */
      readonly anchors?: readonly TextAnchor[] | undefined;
    }
  /**
   * All audio of a piece was sent. Missing if the piece was broken off or cleared. `text`: the words that were spoken; they replace
   * those of `piece`.
   */
  | { readonly kind: 'piece-complete'; readonly atMs: number; readonly piece: number; readonly text: string }
  /** A mark was sent behind all audio sent so far. `name`: unique within the stream. */
  | { readonly kind: 'mark-sent'; readonly atMs: number; readonly name: string }
  /** A mark or fence returned. */
  | { readonly kind: 'mark-back'; readonly atMs: number; readonly name: string }
  /** `clear` was sent, and behind it the mark `fence`: audio that was not played yet is dropped. */
  | { readonly kind: 'clear'; readonly atMs: number; readonly fence: string }
  /** Text of a reply that was never sent to the line. */
  | { readonly kind: 'unsaid'; readonly atMs: number; readonly reply: number; readonly text: string }
  /** The caller pressed a key. `callMs`: when, in call time. */
  | { readonly kind: 'key'; readonly atMs: number; readonly callMs: number; readonly digit: string }
  /** An utterance ended. Turns are numbered from 1 within the call. */
  | {
      readonly kind: 'utterance';
      readonly atMs: number;
      readonly turn: number;
      /** Call time of its first and last voiced frame; for an operator, when it was spoken, not when it was heard. */
      readonly startMs: number;
      readonly endMs: number;
      /** For an operator's utterance, its place in the piece that carried it; absent for the caller. */
      readonly operator?: OperatorUtterance;
      /** True if its transcription was requested at once. */
      readonly asked: boolean;
    }
  /** The text of an utterance; empty: no words. */
  | { readonly kind: 'text'; readonly atMs: number; readonly turn: number; readonly text: string }
  /** A transcription failed. `final`: it is not retried. */
  | {
      readonly kind: 'no-text';
      readonly atMs: number;
      readonly turn: number;
      readonly reason: string;
      readonly final: boolean;
    }
  /** A service's response, complete or failed. */
  | { readonly kind: 'answer'; readonly atMs: number; readonly answer: ServiceResponse }
  /** A reply that was prepared while the caller paused is not used: the caller went on, or something else happened. */
  | { readonly kind: 'draft-discarded'; readonly atMs: number }
  /** The format of the recording changed. */
  | { readonly kind: 'format'; readonly atMs: number; readonly format: AudioFormat }
  /** An operator took the call over or handed it back. */
  | { readonly kind: 'operator'; readonly atMs: number; readonly what: 'took over' | 'handed back' }
  /** An operator's instruction to the assistant for its next reply; the caller does not hear it. */
  | { readonly kind: 'guidance'; readonly atMs: number; readonly text: string }
  /** An unexpected message of the line, or another fact for debugging. */
  | { readonly kind: 'oddity'; readonly atMs: number; readonly what: string }
  /** The summary. `chat`: by the model; `extract`: by rule. */
  | {
      readonly kind: 'summary';
      readonly atMs: number;
      readonly text: string;
      readonly by: 'chat' | 'extract';
    }
  /** The stream ended. `atMs`: its last sign of life, or when the end was noticed. */
  | { readonly kind: 'stream-end'; readonly atMs: number; readonly reason: StreamEnd }
  /** The call ended. Only texts, failures and summaries follow. */
  | { readonly kind: 'end'; readonly atMs: number; readonly reason: string };

/** Where a piece begins in the response of a speech-to-speech model. */
export interface PlaceInResponse {
  /** The `id` of the service's response. */
  readonly request: number;
  readonly fromSample: number;
}

/** Where a character of a piece's text is in its audio. */
export interface TextAnchor {
  readonly character: number;
  readonly sample: number;
}

/** What a piece is for. The words of an `operator` piece arrive later, as texts of utterances. */
export type PieceRole = 'greeting' | 'reply' | 'prompt' | 'tone' | 'operator';

/** An operator's utterance within its piece, in milliseconds from the piece's first sample. */
export interface OperatorUtterance {
  readonly piece: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * `stop`: Twilio's message. `closed`: the socket closed. `dead`: no sign of life. `replaced`: by another stream. `crash`: of the process.
 * `moved`: another machine goes on with the call.
 */
export type StreamEnd = 'stop' | 'closed' | 'dead' | 'replaced' | 'crash' | 'moved';

/** A service's response with the times of its parts, so that the call can be replayed without the service. */
export interface ServiceResponse {
  /** `end-of-turn`: the probability, as a text, that a turn is over. `streaming-transcription`: of speech that was sent while it was spoken. Where it failed, a `transcription` of the same request follows. */
  readonly service:
    | 'transcription'
    | 'streaming-transcription'
    | 'end-of-turn'
    | 'chat'
    | 'speech'
    | 'speech-to-speech'
    | 'summary';
  /** The number of the request within the call, from 1. */
  readonly id: number;
  /** When it was requested; same clock as `atMs`. */
  readonly askedAtMs: number;
  /** What was requested: the turn, the last text of the conversation, or the sentence. */
  readonly request: string;
  /**
   * `afterMs`: since `askedAtMs`. `samples`: μ-law samples of speech. `text` of speech: the words that were spoken, if they are not
   * those of the request; of speech-to-speech: more words of the reply. `retracted`: no earlier text is part of the reply.
   */
  readonly pieces: readonly {
    readonly afterMs: number;
    readonly text?: string;
    readonly samples?: number;
    readonly retracted?: true;
  }[];
  /** Why it failed, or `cancelled`; absent: it succeeded. */
  readonly error?: string | undefined;
  /** Details of a failure; absent if it succeeded or was cancelled, and in journals of before 0.2.0. */
  readonly failure?: FailureRecord | undefined;
}

/** What is known about the failure of a service request. */
export interface FailureRecord {
  /** `program`: an error in offhook itself, never one of the service. */
  readonly kind: 'service' | 'program';
  /** Host and port of the server. */
  readonly server?: string | undefined;
  /** The HTTP status; absent if no response arrived, or the error was inside a successful response. */
  readonly status?: number | undefined;
  readonly code?: string | undefined;
  /** The server's own message, shortened; of a network failure or a programming error, its message. */
  readonly said?: string | undefined;
  /** What offhook did about it. */
  readonly did: string;
  /** Where a programming error occurred: the frames of its stack. */
  readonly stack?: string | undefined;
}

/** Takes the events of a call in order. Never blocks, never throws. */
export interface CallEventLog {
  append(event: CallEvent): void;
}
