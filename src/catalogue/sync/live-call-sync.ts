import type { Log } from '../../log.ts';
import type { LiveChanges } from '../../records/live-transcript.ts';
import type { DataDirectory } from '../../storage/data-directory.ts';
import type { Catalogue } from '../catalogue.ts';
import type { EntryReader } from '../reindex.ts';
import { PendingEntries } from './pending-entries.ts';
import { CatalogueWriteQueue } from './write-queue.ts';

/**
 * SQLite's rows are safe from a kill at once, and from a power cut when the system has written them back: so long it
 * stays known that a call may have to be entered again.
 */
const SURELY_ON_DISK_MS = 60_000;

export interface LiveCallSyncOptions {
  readonly catalogue: Catalogue;
  readonly folders: DataDirectory;
  readonly pool: EntryReader;
  readonly log: Log;
  readonly now: () => number;
}

/** Keeps the catalogue up with the calls of this process: while they go on, and when their files are there. */
export class LiveCallSync {
  readonly #parts: LiveCallSyncOptions;
  readonly #clerk: CatalogueWriteQueue;
  readonly #toEnter: PendingEntries;
  /** Calls that have been entered, oldest first, and when. */
  readonly #entered = new Map<string, number>();

  constructor(parts: LiveCallSyncOptions) {
    const { catalogue, folders, pool, log } = parts;
    this.#parts = parts;
    this.#toEnter = new PendingEntries(folders.pendingIndex);
    this.#clerk = new CatalogueWriteQueue({
      catalogue,
      toEnter: {
        add: (callSid) => {
          this.#entered.delete(callSid);
          this.#toEnter.add(callSid);
        },
        done: (callSid) => void this.#entered.set(callSid, parts.now()),
      },
      entryOf: (callSid) => pool.entry(folders.recordings, callSid),
      isFinished: (callSid) => folders.isFinished(callSid),
      told: (news, error) => {
        if (news === 'down')
          log.warn({ err: error }, 'the catalogue is down; calls are entered when it is back');
        else log.info('the catalogue is back');
      },
      refused: (callSid, error) => log.error({ callSid, err: error }, 'a call could not be catalogued'),
    });
  }

  /** Calls of which the catalogue lacks something. */
  get waiting(): number {
    return this.#clerk.waiting;
  }

  get down(): boolean {
    return this.#clerk.down;
  }

  /** A call begins, or goes on that an earlier process has begun. */
  begins(callSid: string): void {
    this.#clerk.begin(callSid);
  }

  /** What has changed of a live call. */
  changed(callSid: string, changes: LiveChanges): void {
    this.#clerk.changed(callSid, changes);
  }

  /** A call's files are there, or there anew. */
  finished(callSid: string): void {
    this.#clerk.finished(callSid);
  }

  /** Calls that earlier processes have finished and not entered; `unfinished`: those whose journals are still there. */
  enterLeftOver(unfinished: ReadonlySet<string>): void {
    const { folders } = this.#parts;
    for (const callSid of this.#toEnter.list()) {
      if (folders.isFinished(callSid)) this.#clerk.finished(callSid);
      else if (!unfinished.has(callSid)) this.#toEnter.done(callSid);
    }
  }

  /** Resolves when all that can be entered now is. */
  async end(): Promise<void> {
    const atMs = this.#parts.now();
    this.tick(atMs);
    await this.#clerk.stop(atMs);
  }

  /** To be called every quarter of a second. */
  tick(atMs: number): void {
    this.#clerk.tick(atMs);
    this.#forgetEntered(atMs);
  }

  #forgetEntered(atMs: number): void {
    for (const [callSid, enteredAtMs] of this.#entered) {
      if (atMs - enteredAtMs < SURELY_ON_DISK_MS) return;
      this.#entered.delete(callSid);
      this.#toEnter.done(callSid);
    }
  }
}
