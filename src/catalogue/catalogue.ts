import type {
  CallOutcome,
  CallState,
  CataloguedCall,
  CatalogueEntry,
  Hold,
  Note,
} from '../records/call-entry.ts';
import type { MicrophoneEntry, MicrophoneRecording } from './microphone-entry.ts';
import type { TranscriptTurn } from '../records/text/transcript.ts';

/** A filter for calls. A call matches if it satisfies every field that is given. */
export interface CallFilter {
  /** `from` is inclusive, `to` is exclusive. Epoch milliseconds. */
  readonly fromMs?: number | undefined;
  readonly beforeMs?: number | undefined;
  /** The number or address of either end, or the last digits of a number (at least four). */
  readonly number?: string | undefined;
  readonly minDurationMs?: number | undefined;
  readonly maxDurationMs?: number | undefined;
  readonly outcome?: CallOutcome | undefined;
  readonly state?: CallState | undefined;
}

export interface PageRequest {
  /** At most `LARGEST_PAGE`. */
  readonly limit: number;
  /** The `next` of the previous page. */
  readonly cursor?: string | undefined;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Absent on the last page. */
  readonly next?: string | undefined;
}

export interface SearchQuery extends CallFilter {
  /**
   * Words that must all occur in one turn, in any order, and "quoted phrases", which must occur as given. At least one.
   */
  readonly words: string;
  readonly speaker?: TranscriptTurn['speaker'] | undefined;
  /** Absent: both. Filters for properties of calls alone find calls alone. */
  readonly type?: SearchType | undefined;
}

export const SEARCH_TYPES = ['call', 'microphone'] as const;
export type SearchType = (typeof SEARCH_TYPES)[number];

interface FoundTurn {
  /** When the call or recording started. */
  readonly startedAtMs: number;
  readonly turnId: string;
  /** Milliseconds into the recording. */
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  /** Higher is better. Scores are comparable only within one search. */
  readonly score: number;
}

/** A turn of a call that matches the search. */
export interface CallHit extends FoundTurn {
  readonly type: 'call';
  readonly callSid: string;
  readonly from: string;
  readonly to: string;
  readonly speaker: TranscriptTurn['speaker'];
}

/** An utterance of a microphone recording that matches the search. */
export interface MicrophoneHit extends FoundTurn {
  readonly type: 'microphone';
  readonly name: string;
  readonly speaker?: string | undefined;
}

export type SearchHit = CallHit | MicrophoneHit;

export const LARGEST_PAGE = 200;

/** What has changed in a live call. */
export interface LiveCallChanges {
  readonly callSid: string;
  readonly call?: Omit<CataloguedCall, 'notes' | 'hold'> | undefined;
  readonly turns: readonly TranscriptTurn[];
}

/**
 * Index of all calls. It can be rebuilt from the files at any time. Every method rejects with `CatalogueDown` if the
 * database does not answer. Every method is idempotent: it may be repeated with the same values.
 */
export interface Catalogue {
  /** Migrates the schema to the current version. Safe if several processes call it at once. */
  open(): Promise<void>;
  /** Inserts or updates a call. Its turns, notes and hold are kept. A finished call never becomes live again. */
  putCall(call: Omit<CataloguedCall, 'notes' | 'hold'>): Promise<void>;
  /**
   * Inserts or updates turns of a live call, identified by their `id`. Has no effect if the call is finished or
   * unknown.
   */
  putTurns(callSid: string, turns: readonly TranscriptTurn[]): Promise<void>;
  /**
   * `putCall` and `putTurns` for several live calls, faster: in transactions of many calls. If one of them is refused, some of the others
   * are not written. Absent where it would not be faster.
   */
  putLive?(changes: readonly LiveCallChanges[]): Promise<void>;
  /** Replaces a call as a whole, including its turns, notes and hold. */
  putEntry(entry: CatalogueEntry): Promise<void>;
  /** Like `putEntry` for each entry, but faster. Each call is written completely or not at all. */
  putEntries(entries: readonly CatalogueEntry[]): Promise<void>;
  get(callSid: string): Promise<CatalogueEntry | undefined>;
  /** Latest first. As in a search, a page with a `next` may hold fewer calls than its limit, or none. */
  list(filter: CallFilter, page: PageRequest): Promise<Page<CataloguedCall>>;
  /**
   * Best first; hits of equal rank are ordered latest first. If there are very many hits, the latest are ranked as one
   * window, then the next window follows. A page with a `next` may hold fewer hits than its limit, or none.
   */
  search(query: SearchQuery, page: PageRequest): Promise<Page<SearchHit>>;
  /** Returns false if the call is unknown. */
  putNotes(callSid: string, notes: readonly Note[]): Promise<boolean>;
  putHold(callSid: string, hold: Hold | undefined): Promise<boolean>;
  /** Removes the call, its turns and their index entries. Returns true if anything was removed. */
  remove(callSid: string): Promise<boolean>;
  /**
   * Overwrites the removed data that remains in the database's files. Returns false if a concurrent reader prevents it.
   * Absent if the database server reclaims space itself.
   */
  scrub?(): Promise<boolean>;
  /** Replaces the entry of a microphone recording as a whole, including its utterances. */
  putMicrophone(entry: MicrophoneEntry): Promise<void>;
  getMicrophone(name: string): Promise<MicrophoneEntry | undefined>;
  /** Latest first. */
  listMicrophone(page: PageRequest): Promise<Page<MicrophoneRecording>>;
  /** Removes the recording, its utterances and their index entries. Returns true if anything was removed. */
  removeMicrophone(name: string): Promise<boolean>;
  close(): Promise<void>;
}

/** The database is unavailable. The request may be retried. */
export class CatalogueDown extends Error {
  override readonly name = 'CatalogueDown';
}

/** The request is invalid: for example a cursor of another list, or a query without a word. */
export class BadQuery extends Error {
  override readonly name = 'BadQuery';
}
