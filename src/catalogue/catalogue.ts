import type {
  CallOutcome,
  CallState,
  CataloguedCall,
  CatalogueEntry,
  Hold,
  Note,
} from '../records/call-entry.ts';
import type { TranscriptTurn } from '../records/text/transcript.ts';

/** What calls are asked for; everything given must be true of a call. */
export interface CallFilter {
  /** Started at or after, and before. Epoch milliseconds. */
  readonly fromMs?: number | undefined;
  readonly beforeMs?: number | undefined;
  /** Either end's number or address, or the last digits of it (at least four). */
  readonly number?: string | undefined;
  readonly minDurationMs?: number | undefined;
  readonly maxDurationMs?: number | undefined;
  readonly outcome?: CallOutcome | undefined;
  readonly state?: CallState | undefined;
}

export interface PageRequest {
  /** At most `LARGEST_PAGE`. */
  readonly limit: number;
  /** The `next` of the page before. */
  readonly cursor?: string | undefined;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Absent: this was the last one. */
  readonly next?: string | undefined;
}

export interface SearchQuery extends CallFilter {
  /** Words that must all stand in one turn, in any order, and "phrases in quotes" as they stand. At least one. */
  readonly words: string;
  readonly speaker?: TranscriptTurn['speaker'] | undefined;
}

/** One turn in which the words stand. */
export interface SearchHit {
  readonly callSid: string;
  readonly from: string;
  readonly to: string;
  readonly startedAtMs: number;
  readonly turnId: string;
  readonly speaker: TranscriptTurn['speaker'];
  /** Into the recording. */
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  /** Higher is better; comparable within one search alone. */
  readonly score: number;
}

/** A recording of the microphone. */
export interface MicrophoneRecording {
  readonly name: string;
  readonly createdAtMs: number;
  readonly sizeBytes: number;
  readonly durationMs: number;
  readonly sha256: string;
}

export const LARGEST_PAGE = 200;

/**
 * Remembers every call. It is an index: all of it can be made again from the files. Every method rejects with
 * `CatalogueDown` where the database does not answer, and may be called again with the same values at any time: the
 * result is the same.
 */
export interface Catalogue {
  /** Brings the schema up to date; safe when several processes do so at once. */
  open(): Promise<void>;
  /** Enters a call, or what has changed of it; its turns, notes and hold stay. A finished call does not become live again. */
  putCall(call: Omit<CataloguedCall, 'notes' | 'hold'>): Promise<void>;
  /** Enters turns of a call that goes on, or what has changed of them; known by their `id`. Without effect once it is finished, or before it is entered. */
  putTurns(callSid: string, turns: readonly TranscriptTurn[]): Promise<void>;
  /** Enters a call whole: what was there of it is replaced, notes and hold too. */
  putEntry(entry: CatalogueEntry): Promise<void>;
  /** As `putEntry` each, and faster; a call is entered whole or not at all. */
  putEntries(entries: readonly CatalogueEntry[]): Promise<void>;
  get(callSid: string): Promise<CatalogueEntry | undefined>;
  /** Latest first. As in a search a page may have fewer calls than its limit, or none, and still a `next`. */
  list(filter: CallFilter, page: PageRequest): Promise<Page<CataloguedCall>>;
  /**
   * Best first; hits of equal rank latest first. Of very many hits the latest are ranked together, then the next. A page
   * may have fewer hits than its limit, or none, and still a `next`: so far nothing more was found.
   */
  search(query: SearchQuery, page: PageRequest): Promise<Page<SearchHit>>;
  /** False where there is no such call. */
  putNotes(callSid: string, notes: readonly Note[]): Promise<boolean>;
  putHold(callSid: string, hold: Hold | undefined): Promise<boolean>;
  /** Turns, words and all; true where there was something. */
  remove(callSid: string): Promise<boolean>;
  /**
   * Overwrites what the database's files still hold of what was removed; false where somebody is just reading them. Absent
   * where the database's own housekeeping is nobody's business but its server's.
   */
  scrub?(): Promise<boolean>;
  putMicrophone(recording: MicrophoneRecording): Promise<void>;
  /** Latest first. */
  listMicrophone(page: PageRequest): Promise<Page<MicrophoneRecording>>;
  removeMicrophone(name: string): Promise<boolean>;
  close(): Promise<void>;
}

/** The database cannot be had now; what was asked for may be tried again. */
export class CatalogueDown extends Error {
  override readonly name = 'CatalogueDown';
}

/** What was asked cannot be answered as it stands: a cursor of another list, no word to look for. */
export class BadQuery extends Error {
  override readonly name = 'BadQuery';
}
