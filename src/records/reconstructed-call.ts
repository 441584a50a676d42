import type { AudioFormat } from '../audio/formats/formats.ts';
import type { Run } from '../call/playback/playback-runs.ts';
import type { HeardPiece } from '../call/playback/playback.ts';
import type { OperatorUtterance, PieceRole, TextAnchor } from '../events/call-events.ts';
import type { Speaker } from '../events/speaker.ts';

/** A piece as it was heard. `startMs` and `endMs` are call milliseconds, absent where nothing was heard. */
export interface ReconstructedPiece extends HeardPiece {
  readonly piece: number;
  readonly reply: number;
  readonly speaker: Speaker;
  readonly role: PieceRole;
  readonly text: string;
  /** The length of all its audio, if it is known although not all of it was sent. */
  readonly samples?: number | undefined;
  /** Where its sentences begin in its audio; absent: it has one, or they are not known. */
  readonly anchors?: readonly TextAnchor[] | undefined;
  /** The piece that this one continues. */
  readonly continues?: number | undefined;
  /** Whether it was made and sent to its end. */
  readonly complete: boolean;
}

/**
 * The way from the caller's last word to the reply. Milliseconds since the last voiced sample of the turn; absent: it did not
 * happen, or is not known. Times at the server include the network between it and the phone; `heardMs` does not.
 */
export interface TurnTiming {
  /** The transcription was requested, at the first pause or at the end of the turn. */
  readonly pauseMs?: number | undefined;
  /** The text arrived. */
  readonly textMs?: number | undefined;
  /** The turn was over. */
  readonly decidedMs?: number | undefined;
  /** The first text of the reply arrived. */
  readonly tokenMs?: number | undefined;
  /** The first audio of the reply arrived. */
  readonly audioMs?: number | undefined;
  /** The first audio was sent to the phone. */
  readonly sentMs?: number | undefined;
  /** The caller heard it. */
  readonly heardMs?: number | undefined;
}

/** The steps of a reply whose times are in the statistics. */
export const REPLY_STEPS = ['decidedMs', 'textMs', 'tokenMs', 'audioMs', 'heardMs'] as const;

export type ReplyStep = (typeof REPLY_STEPS)[number];

/** Of several replies, the times of each step: see `TurnTiming`. */
export type ReplySteps = Readonly<Record<ReplyStep, readonly number[]>>;

export interface ReconstructedTurn {
  readonly turn: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly asked: boolean;
  /** The position of an operator's turn in its piece; absent: a turn of the caller. */
  readonly operator?: OperatorUtterance | undefined;
  /** Absent: not known yet; see `transcriptUnavailable`. */
  text?: string;
  /** Absent: no reply followed. */
  readonly timing?: TurnTiming | undefined;
  /** True if no transcript will ever arrive. */
  transcriptUnavailable: boolean;
}

export interface ReconstructedStream {
  readonly streamSid: string;
  /** Its time 0 in call milliseconds, and how long it lasted. */
  readonly startMs: number;
  readonly lengthMs: number;
  readonly runs: readonly Run[];
}

export interface CallFigures {
  framesReceived: number;
  framesLate: number;
  gapsMs: number;
  longestGapMs: number;
  interruptions: number;
  marksSent: number;
  marksReturned: number;
  oddities: number;
  /** Requests of services that failed. Absent: the call is of before this was counted. */
  serviceFailures?: number;
  /** Replies that were prepared while the caller paused, and not used. Absent: none. */
  discardedDrafts?: number;
  /** From the end of the caller's words to the first sound of the reply, each. */
  answerMs: number[];
  /** From the caller's first sound over a reply to its silence, each. Absent: the call is of before this was measured. */
  bargeInMs?: number[];
  /** Of the replies that were heard. Absent: the call is of before this was measured. */
  replySteps?: ReplySteps;
}

/** A complete call, reconstructed from its journal. */
export interface ReconstructedCall {
  readonly callSid: string;
  readonly from: string;
  readonly to: string;
  readonly recorded: boolean;
  /** PRE_ROLL_MS as it was during the call: sound before an utterance's first voiced frame that belongs to it. */
  readonly preRollMs: number;
  readonly format: AudioFormat;
  /** When the first stream started. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** Undefined: the journal breaks off. */
  readonly endReason: string | undefined;
  /** True if another machine goes on with the call from here. */
  readonly moved?: boolean | undefined;
  /** Our clock at call time 0; undefined where no stream ever started. */
  readonly zeroAtMs: number | undefined;
  readonly lengthMs: number;
  readonly streams: readonly ReconstructedStream[];
  readonly pieces: readonly ReconstructedPiece[];
  readonly turns: readonly ReconstructedTurn[];
  readonly keys: readonly { readonly atMs: number; readonly digit: string }[];
  readonly unsaid: ReadonlyMap<number, string>;
  readonly summary: { readonly text: string; readonly by: 'chat' | 'extract' } | undefined;
  readonly figures: CallFigures;
}
