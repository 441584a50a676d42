import type { Clock } from '../../events/clock.ts';
import { Topic } from '../../events/topic.ts';
import type { Log } from '../../log.ts';
import type { LiveChanges } from '../../records/live-transcript.ts';
import type { DataDirectory } from '../../storage/data-directory.ts';
import type { Catalogue } from '../catalogue.ts';
import type { EntryReader } from '../reindex.ts';
import { PendingEntries } from './pending-entries.ts';
import { CatalogueWriteQueue } from './write-queue.ts';

/** SQLite's rows survive a kill at once, and a power loss after this time. Until then a call may have to be entered again. */
const SURELY_ON_DISK_MS = 60_000;

export interface LiveCallSyncOptions {
  readonly catalogue: Catalogue;
  readonly directories: DataDirectory;
  readonly worker: EntryReader;
  readonly log: Log;
  readonly clock: Pick<Clock, 'now'>;
  /** Is told when the catalogue becomes unavailable, and when it is available again. */
  readonly outage?: { begins(error: unknown): void; ends(): void } | undefined;
}

/** Writes the calls of this process to the catalogue: while they are live, and when their files were written. */
export class LiveCallSync {
  /** A finished call is in the catalogue, or the catalogue will never take it. */
  readonly entered: Topic<[callSid: string]>;
  readonly #options: LiveCallSyncOptions;
  readonly #writes: CatalogueWriteQueue;
  readonly #pending: PendingEntries;
  /** When calls were entered, oldest first. */
  readonly #entered = new Map<string, number>();

  constructor(options: LiveCallSyncOptions) {
    const { catalogue, directories, worker, log, clock, outage } = options;
    this.#options = options;
    this.entered = new Topic((error) => log.error({ err: error }, 'subscriber of catalogued calls failed'));
    this.#pending = new PendingEntries(directories.pendingIndex);
    this.#writes = new CatalogueWriteQueue({
      catalogue,
      pending: {
        add: (callSid) => {
          this.#entered.delete(callSid);
          this.#pending.add(callSid);
        },
        done: (callSid) => {
          this.#entered.set(callSid, clock.now());
          this.entered.publish(callSid);
        },
      },
      files: {
        isFinished: (callSid) => directories.isFinished(callSid),
        entryOf: (callSid) => worker.entry(directories.recordings, callSid),
      },
      observer: {
        catalogueDown: (error) => {
          outage?.begins(error);
          log.warn({ err: error }, 'catalogue unavailable; will retry');
        },
        catalogueUp: () => {
          outage?.ends();
          log.info('catalogue available again');
        },
        refused: (callSid, error) =>
          log.error({ callSid, err: error }, 'call could not be added to the catalogue'),
      },
    });
  }

  /** Calls with changes that are not in the catalogue. */
  get waiting(): number {
    return this.#writes.waiting;
  }

  get down(): boolean {
    return this.#writes.down;
  }

  /** A call begins, or one of an earlier process continues. */
  begins(callSid: string): void {
    this.#writes.begin(callSid);
  }

  /** What has changed of a live call. */
  changed(callSid: string, changes: LiveChanges): void {
    this.#writes.changed(callSid, changes, this.#options.clock.now());
  }

  /** A call's files were written, or have changed. */
  finished(callSid: string): void {
    this.#writes.finished(callSid);
  }

  /** Writes the calls to the catalogue that earlier processes finished and did not write. `unfinished`: calls with a journal. */
  enterPending(unfinished: ReadonlySet<string>): void {
    const { directories } = this.#options;
    for (const callSid of this.#pending.list()) {
      if (directories.isFinished(callSid)) this.#writes.finished(callSid);
      else if (!unfinished.has(callSid)) this.#pending.done(callSid);
    }
  }

  /** Resolves when everything that can be entered now is entered. */
  async end(): Promise<void> {
    const atMs = this.#options.clock.now();
    this.tick(atMs);
    await this.#writes.stop(atMs);
  }

  /** To be called every quarter of a second. */
  tick(atMs: number): void {
    this.#writes.tick(atMs);
    this.#forgetEntered(atMs);
  }

  #forgetEntered(atMs: number): void {
    for (const [callSid, enteredAtMs] of this.#entered) {
      if (atMs - enteredAtMs < SURELY_ON_DISK_MS) return;
      this.#entered.delete(callSid);
      this.#pending.done(callSid);
    }
  }
}
