import type { EndedCall } from '../../call/call-store.ts';
import type { Clock } from '../../events/clock.ts';
import type { Journal } from '../../journal/journal.ts';
import type { Log } from '../../log.ts';
import { endedCall, type OrphanedJournals } from '../../recovery/orphaned-journals.ts';
import type { DataDirectory, JournalFile } from '../../storage/data-directory.ts';
import type { WorkerPool } from '../../workers/worker-pool.ts';

/** A call of a crashed process has ended if it has no media stream for this long. */
const CALLER_GONE_MS = 30_000;
/** Calls that are finalized at the same time: most of the time is spent waiting for services. */
const CONCURRENT_CALLS = 4;

/** Writes the files of an ended call. */
export interface EndedCallFinalizer {
  finish(call: EndedCall<Journal>): Promise<void>;
}

export interface OrphanFinalizerOptions {
  readonly directories: DataDirectory;
  readonly orphans: OrphanedJournals;
  readonly worker: Pick<WorkerPool, 'read'>;
  readonly finalizer: EndedCallFinalizer;
  readonly log: Log;
  readonly clock: Clock;
}

/** Finalizes the calls of crashed processes without a server. Live calls end when no stream has come for 30 s. */
export class OrphanFinalizer {
  readonly #options: OrphanFinalizerOptions;

  constructor(options: OrphanFinalizerOptions) {
    this.#options = options;
  }

  async finishAll(journals: readonly JournalFile[]): Promise<void> {
    const queue = journals.values();
    const worker = async (): Promise<void> => {
      for (const journal of queue) await this.#finish(journal);
    };
    await Promise.all(Array.from({ length: CONCURRENT_CALLS }, worker));
  }

  async #finish(journal: JournalFile): Promise<void> {
    if (!(await this.#callerIsGone(journal))) return;
    const { orphans, finalizer } = this.#options;
    const claimed = await orphans.claim(journal);
    if (claimed) await finalizer.finish(endedCall(claimed));
  }

  /** False if another process continues the call. */
  async #callerIsGone(journal: JournalFile): Promise<boolean> {
    const { directories, worker, log, clock } = this.#options;
    if (journal.owner === undefined) return true;
    const call = await worker.read(journal.path).catch(() => undefined);
    const writtenAtMs = directories.writtenAtMs(journal) ?? 0;
    const waitMs = writtenAtMs + CALLER_GONE_MS - clock.now();
    if (call?.endReason !== undefined || !call || waitMs <= 0) return true;
    log.info({ callSid: journal.callSid, waitMs: Math.round(waitMs) }, 'waiting for the caller to reconnect');
    await clock.sleep(waitMs);
    return directories.writtenAtMs(journal) === writtenAtMs;
  }
}
