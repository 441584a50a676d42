import type { AudioFormat } from '../audio/formats/formats.ts';
import type { CallFigures } from './reconstructed-call.ts';
import type { TranscriptTurn } from './text/transcript.ts';

/** `live`: the caller is on the line. `finishing`: the call has ended, its files are being written. `finished`: its files exist. */
export const CALL_STATES = ['live', 'finishing', 'finished'] as const;
export type CallState = (typeof CALL_STATES)[number];

/**
 * How a call went. `conversation`: the caller got a reply. `message`: the caller spoke and got no reply. `silent`: the
 * caller said nothing. `failed`: an error or a crash of this software ended the call.
 */
export const CALL_OUTCOMES = ['conversation', 'message', 'silent', 'failed'] as const;
export type CallOutcome = (typeof CALL_OUTCOMES)[number];

/** A file of a finished call. */
export interface CallFile {
  readonly kind: 'recording' | 'transcript' | 'summary' | 'json';
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** The address in the object store, `s3://bucket/key`; absent if the file is in the recordings directory. */
  readonly url?: string;
}

export interface Note {
  readonly id: string;
  readonly atMs: number;
  readonly text: string;
}

/** While a hold exists, retention and erasure leave the call alone. */
export interface Hold {
  readonly sinceMs: number;
  readonly reason: string;
}

/** A call without its turns. Times are epoch milliseconds. Facts that are unknown while the call is live are absent. */
export interface CataloguedCall {
  readonly callSid: string;
  readonly from: string;
  readonly to: string;
  readonly startedAtMs: number;
  readonly state: CallState;
  readonly format: AudioFormat;
  readonly completedAtMs?: number;
  readonly durationMs?: number;
  readonly endReason?: string;
  readonly outcome?: CallOutcome;
  readonly summary?: string;
  readonly summaryBy?: 'chat' | 'extract';
  /** The number of texts that are still being fetched. */
  readonly pending?: number;
  /** The most significant keyword first. */
  readonly keywords: readonly string[];
  readonly files: readonly CallFile[];
  readonly figures?: CallFigures;
  readonly notes: readonly Note[];
  readonly hold?: Hold;
}

/** A call without what people add to it. */
export type UnannotatedCall = Omit<CataloguedCall, 'notes' | 'hold'>;

/** A call with its turns, in order of speech start. Turn times are milliseconds into the recording. */
export interface CatalogueEntry extends CataloguedCall {
  readonly turns: readonly TranscriptTurn[];
}
