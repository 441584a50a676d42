import type { Generated, RawBuilder } from 'kysely';
import type { CallOutcome, CallState, CataloguedCall } from '../../records/call-entry.ts';
import type { TranscriptTurn } from '../../records/text/transcript.ts';
import type { MicrophoneRecording, TranscriptionState } from '../microphone-entry.ts';

/** The tables as seen by queries. Times are milliseconds; texts are `storable`; lists and metrics are JSON. */
export interface Tables {
  calls: CallRow;
  call_ends: CallEndRow;
  turns: TurnRow;
  microphones: MicrophoneRow;
  catalogue_schema: { version: number };
}

export interface CallRow {
  id: Generated<number>;
  call_sid: string;
  from_address: string;
  to_address: string;
  /** See `endKey`. */
  from_key: string;
  to_key: string;
  started_at_ms: number;
  state: CallState;
  format: CataloguedCall['format'];
  completed_at_ms: number | null;
  duration_ms: number | null;
  end_reason: string | null;
  outcome: CallOutcome | null;
  summary: string | null;
  summary_by: 'chat' | 'extract' | null;
  pending: number | null;
  keywords: string;
  files: string;
  figures: string | null;
  notes: string;
  hold: string | null;
}

/** Index for finding the calls of a number, latest first. */
interface CallEndRow {
  /** See `endTail`. */
  tail: string;
  started_at_ms: number;
  call_sid: string;
}

export interface TurnRow {
  /** Grows with the start time of the call: see `turn-ids.ts`. */
  id: number;
  /** Negative: see `MicrophoneRow`. */
  call_id: number;
  turn_id: string;
  /** Order among turns that begin at the same moment. */
  place: number;
  speaker: TranscriptTurn['speaker'] | 'microphone';
  kind: TranscriptTurn['kind'];
  start_ms: number;
  end_ms: number;
  text: string | null;
  unheard: string | null;
  cut: number;
  /** Further properties of the turn, as JSON. */
  details: string | null;
  /** For databases where the word index is a column. */
  words?: RawBuilder<unknown>;
}

/** Its utterances are turns whose `call_id` is the negative `id`. */
export interface MicrophoneRow {
  id: Generated<number>;
  name: string;
  created_at_ms: number;
  size_bytes: number;
  duration_ms: number;
  sha256: string;
  format: MicrophoneRecording['format'];
  transcription: TranscriptionState;
  language: string | null;
  keywords: string;
  words_sha256: string | null;
}

/** `key`: a short text with binary collation. `whole`: an integer up to 2^53. `counter`: an auto-incremented id. */
export type ColumnKind = 'counter' | 'key' | 'text' | 'number' | 'whole';

export interface TableShape {
  readonly name: string;
  /** A `?` after the kind makes the column nullable. */
  readonly columns: Readonly<Record<string, ColumnKind | `${ColumnKind}?`>>;
  /** Omitted on insert if it is a counter. */
  readonly primaryKey?: readonly string[];
  readonly unique?: readonly string[];
  readonly indexes?: Readonly<Record<string, readonly string[]>>;
}

/** Of schema version 1; later versions have `MICROPHONES`. */
export const RECORDINGS_WITHOUT_WORDS: TableShape = {
  name: 'microphone_recordings',
  columns: {
    name: 'key',
    created_at_ms: 'number',
    size_bytes: 'number',
    duration_ms: 'number',
    sha256: 'key',
  },
  primaryKey: ['name'],
  indexes: { microphone_by_time: ['created_at_ms', 'name'] },
};

/** The tables of schema version 1. */
export const FIRST_TABLES: readonly TableShape[] = [
  {
    name: 'calls',
    columns: {
      id: 'counter',
      call_sid: 'key',
      from_address: 'text',
      to_address: 'text',
      from_key: 'key',
      to_key: 'key',
      started_at_ms: 'number',
      state: 'key',
      format: 'key',
      completed_at_ms: 'number?',
      duration_ms: 'number?',
      end_reason: 'text?',
      outcome: 'key?',
      summary: 'text?',
      summary_by: 'key?',
      pending: 'whole?',
      keywords: 'text',
      files: 'text',
      figures: 'text?',
      notes: 'text',
      hold: 'text?',
    },
    unique: ['call_sid'],
    indexes: {
      // The columns after the sort order allow filtering without reading the row.
      calls_by_start: ['started_at_ms', 'call_sid', 'state', 'outcome', 'duration_ms'],
      calls_by_state: ['state', 'started_at_ms', 'call_sid'],
      calls_by_outcome: ['outcome', 'started_at_ms', 'call_sid'],
    },
  },
  {
    name: 'call_ends',
    columns: { tail: 'key', started_at_ms: 'number', call_sid: 'key' },
    primaryKey: ['tail', 'started_at_ms', 'call_sid'],
    indexes: { call_ends_by_call: ['call_sid'] },
  },
  {
    name: 'turns',
    columns: {
      id: 'whole',
      call_id: 'whole',
      turn_id: 'key',
      place: 'whole',
      speaker: 'key',
      kind: 'key',
      start_ms: 'number',
      end_ms: 'number',
      text: 'text?',
      unheard: 'text?',
      cut: 'whole',
      details: 'text?',
    },
    primaryKey: ['id'],
    unique: ['call_id', 'turn_id'],
  },
  RECORDINGS_WITHOUT_WORDS,
];

export const MICROPHONES: TableShape = {
  name: 'microphones',
  columns: {
    id: 'counter',
    name: 'key',
    created_at_ms: 'number',
    size_bytes: 'number',
    duration_ms: 'number',
    sha256: 'key',
    format: 'key',
    transcription: 'key',
    language: 'key?',
    keywords: 'text',
    words_sha256: 'key?',
  },
  unique: ['name'],
  indexes: { microphones_by_time: ['created_at_ms', 'name'] },
};
