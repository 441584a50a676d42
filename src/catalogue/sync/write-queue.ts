import { type CataloguedCall, type CatalogueEntry } from '../../records/call-entry.ts';
import type { LiveChanges } from '../../records/live-transcript.ts';
import type { TranscriptTurn } from '../../records/text/transcript.ts';
import { Backoff } from '../../storage/backoff.ts';
import { type Catalogue, CatalogueDown } from '../catalogue.ts';

/** Between retries while the catalogue is down. */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** Turns of a live call are written when one of them has not changed for this time: a reply changes while it is heard. */
const QUIET_MS = 1_000;
/** They are written after this time at the latest. */
const LONGEST_CHANGING_MS = 5_000;
/** Turns of live calls that wait for the catalogue. Further ones are entered with the finished call. */
const MOST_TURNS_WAITING = 20_000;

/** A list on disk of calls that are not completely in the catalogue. */
export interface PendingCalls {
  add(callSid: string): void;
  done(callSid: string): void;
}

export interface CatalogueWriteQueueOptions {
  readonly catalogue: Catalogue;
  readonly pending: PendingCalls;
  readonly files: FinishedCalls;
  readonly observer: WriteQueueObserver;
}

/** Finished calls by their files. */
export interface FinishedCalls {
  isFinished(callSid: string): boolean;
  /** Undefined if the call is not finished, or was erased. */
  entryOf(callSid: string): Promise<CatalogueEntry | undefined>;
}

export interface WriteQueueObserver {
  catalogueDown(error: unknown): void;
  catalogueUp(): void;
  /** The catalogue will never take this call; it is left out. */
  refused(callSid: string, error: unknown): void;
}

interface ChangedTurn {
  readonly turn: TranscriptTurn;
  /** When its last change arrived. */
  readonly atMs: number;
}

interface UnwrittenChanges {
  call?: Omit<CataloguedCall, 'notes' | 'hold'>;
  readonly turns: Map<string, ChangedTurn>;
  /** When the first of these changes arrived. */
  readonly sinceMs: number;
}

/**
 * Writes live and finished calls to the catalogue, with retries. Nothing waits for it. A finished call that was never
 * entered is known by its file.
 */
export class CatalogueWriteQueue {
  readonly #options: CatalogueWriteQueueOptions;
  readonly #live = new Map<string, UnwrittenChanges>();
  readonly #finished = new Set<string>();
  readonly #backoff = new Backoff(FIRST_RETRY_MS, LONGEST_RETRY_MS);
  #turnsWaiting = 0;
  #working: Promise<void> | undefined;
  #down = false;
  #retryAtMs = 0;

  constructor(options: CatalogueWriteQueueOptions) {
    this.#options = options;
  }

  /** Calls with changes that are not in the catalogue. */
  get waiting(): number {
    return new Set([...this.#live.keys(), ...this.#finished]).size;
  }

  get down(): boolean {
    return this.#down;
  }

  /** A call begins. If this process crashes, the next one knows that the call has to be entered. */
  begin(callSid: string): void {
    this.#options.pending.add(callSid);
  }

  /** Changes of a live call. */
  changed(callSid: string, { call, turns }: LiveChanges, atMs: number): void {
    if (!call && turns.length === 0) return;
    const waiting: UnwrittenChanges = this.#live.get(callSid) ?? { turns: new Map(), sinceMs: atMs };
    this.#live.set(callSid, waiting);
    if (call) waiting.call = call;
    for (const turn of turns) {
      if (!waiting.turns.has(turn.id)) {
        if (this.#turnsWaiting >= MOST_TURNS_WAITING) continue;
        this.#turnsWaiting += 1;
      }
      waiting.turns.set(turn.id, { turn, atMs });
    }
  }

  /** A call's files were written, or have changed. */
  finished(callSid: string): void {
    this.#options.pending.add(callSid);
    this.#finished.add(callSid);
    this.#forgetLive(callSid);
  }

  /** Writes the changes that are due; to be called every 250 ms. Does nothing while a round is running. */
  tick(atMs: number): void {
    if (this.#working || atMs < this.#retryAtMs) return;
    const due = [...this.#live].filter(([, changes]) => isDue(changes, atMs)).map(([callSid]) => callSid);
    if (due.length === 0 && this.#finished.size === 0) return;
    this.#working = this.#round(due, atMs).finally(() => (this.#working = undefined));
  }

  /** Resolves when no round is running. */
  async idle(): Promise<void> {
    await this.#working;
  }

  /** Runs a last round. Calls that cannot be written have a file in `to-enter/`, and the next start writes them. */
  async stop(atMs: number): Promise<void> {
    await this.#working;
    if (!this.#down) await this.#round([...this.#live.keys()], atMs);
  }

  /** Writes the changes of these live calls, and all finished calls. */
  async #round(live: readonly string[], atMs: number): Promise<void> {
    try {
      if (this.#down) await this.#options.catalogue.open();
      if (live.length > 0) await this.#enterLive(live);
      for (const callSid of [...this.#finished]) await this.#enterFinished(callSid);
      this.#backoff.reset();
      if (this.#down) this.#options.observer.catalogueUp();
      this.#down = false;
    } catch (error) {
      if (!this.#down) this.#options.observer.catalogueDown(error);
      this.#down = true;
      this.#retryAtMs = atMs + this.#backoff.next();
    }
  }

  async #enterLive(live: readonly string[]): Promise<void> {
    const unwritten = new Map<string, UnwrittenChanges>();
    for (const callSid of live) {
      const changes = this.#forgetLive(callSid);
      if (changes) unwritten.set(callSid, changes);
    }
    try {
      if (await this.#enterAtOnce(unwritten)) return;
      for (const [callSid, changes] of [...unwritten]) {
        await this.#writeOrReport(callSid, () => this.#enterOne(callSid, changes));
        unwritten.delete(callSid);
      }
    } catch (error) {
      for (const [callSid, changes] of unwritten) this.#keep(callSid, changes);
      throw error;
    }
  }

  /** Returns false if the catalogue cannot, or if it refuses one of the calls. */
  async #enterAtOnce(calls: ReadonlyMap<string, UnwrittenChanges>): Promise<boolean> {
    const { catalogue } = this.#options;
    if (!catalogue.putLive || calls.size < 2) return false;
    try {
      await catalogue.putLive(
        [...calls].map(([callSid, changes]) => ({ callSid, call: changes.call, turns: turnsOf(changes) })),
      );
      return true;
    } catch (error) {
      if (error instanceof CatalogueDown) throw error;
      return false;
    }
  }

  async #enterOne(callSid: string, changes: UnwrittenChanges): Promise<void> {
    const { call, turns } = changes;
    if (call) await this.#options.catalogue.putCall(call);
    if (turns.size > 0) await this.#options.catalogue.putTurns(callSid, turnsOf(changes));
  }

  /** Keeps changes that were not written. Changes that arrived during the write are newer. */
  #keep(callSid: string, kept: UnwrittenChanges): void {
    if (this.#finished.has(callSid)) return;
    const newer = this.#forgetLive(callSid);
    for (const changes of [kept, ...(newer ? [newer] : [])])
      this.changed(callSid, { call: changes.call, turns: turnsOf(changes) }, kept.sinceMs);
  }

  async #enterFinished(callSid: string): Promise<void> {
    this.#finished.delete(callSid);
    try {
      await this.#writeOrReport(callSid, async () => {
        const entry = await this.#options.files.entryOf(callSid);
        if (entry) await this.#options.catalogue.putEntry(entry);
        // The call may have been erased meanwhile.
        if (!this.#options.files.isFinished(callSid)) await this.#options.catalogue.remove(callSid);
      });
      if (!this.#finished.has(callSid)) this.#options.pending.done(callSid);
    } catch (error) {
      this.#finished.add(callSid);
      throw error;
    }
  }

  /** Only an unavailable catalogue is retried: a call that it will never take must not delay the others. */
  async #writeOrReport(callSid: string, enter: () => Promise<void>): Promise<void> {
    try {
      await enter();
    } catch (error) {
      if (error instanceof CatalogueDown) throw error;
      this.#options.observer.refused(callSid, error);
    }
  }

  #forgetLive(callSid: string): UnwrittenChanges | undefined {
    const waiting = this.#live.get(callSid);
    if (!waiting) return undefined;
    this.#live.delete(callSid);
    this.#turnsWaiting -= waiting.turns.size;
    return waiting;
  }
}

/** Changes of the call itself are due at once. */
function isDue({ call, sinceMs, turns }: UnwrittenChanges, atMs: number): boolean {
  if (call !== undefined || atMs - sinceMs >= LONGEST_CHANGING_MS) return true;
  for (const turn of turns.values()) if (atMs - turn.atMs >= QUIET_MS) return true;
  return false;
}

function turnsOf({ turns }: UnwrittenChanges): TranscriptTurn[] {
  return [...turns.values()].map(({ turn }) => turn);
}
