import { needsReindex, reindexIfNeeded, type ReindexOptions } from '../../catalogue/reindex.ts';
import type { Clock } from '../../events/clock.ts';
import type { Log } from '../../log.ts';
import { type BulkErasureOptions, eraseByAge, eraseOwnByAge } from '../../retention/bulk-erasure.ts';
import type { CallEraser } from '../../retention/call-eraser.ts';
import type { ScheduledWork } from './scheduled-work.ts';

const DAY_MS = 86_400_000;

export interface MaintenanceJobsOptions {
  readonly eraser: Pick<CallEraser, 'resumeInterrupted'>;
  /** Absent without a catalogue. */
  readonly erasures?: BulkErasureOptions | undefined;
  readonly reindexing?: ReindexOptions | undefined;
  /** 0: calls are kept for ever. */
  readonly retentionDays: number;
  /** Whether this machine does what is done once for all. */
  readonly work: Pick<ScheduledWork, 'lease' | 'leases'>;
  /** Files of calls in the catalogue may be at other machines, which erase their own. */
  readonly hasMachines: boolean;
  readonly log: Log;
  readonly clock: Pick<Clock, 'now'>;
}

/** Scheduled jobs on past calls. Their promises do not reject: a failed job is logged and repeated at its next time. */
export class MaintenanceJobs {
  readonly #options: MaintenanceJobsOptions;
  readonly #running = new Set<string>();
  /** False if checking or filling the catalogue has failed; the next run of `resumeErasures` tries again. */
  #catalogueIsComplete = true;

  constructor(options: MaintenanceJobsOptions) {
    this.#options = options;
  }

  /**
   * Checks whether the catalogue is complete, and starts to fill it from the files if not. Resolves after the check.
   * If either fails, `resumeErasures` repeats both.
   */
  async fillCatalogue(): Promise<void> {
    const { reindexing, log } = this.#options;
    if (!reindexing) return;
    this.#catalogueIsComplete = true;
    const failed = (error: unknown): void => {
      this.#catalogueIsComplete = false;
      log.warn({ err: error }, 'catalogue completeness check failed; will retry');
    };
    const isNeeded = await needsReindex(reindexing).catch(failed);
    if (isNeeded) void this.#reindex(reindexing).catch(failed);
  }

  /** One machine at a time fills the catalogue, each from its own files. */
  async #reindex(reindexing: ReindexOptions): Promise<void> {
    const { work, log } = this.#options;
    const lease = await work.leases.acquire('reindex');
    if ('holder' in lease) {
      this.#catalogueIsComplete = false;
      log.info({ machine: lease.holder }, 'another machine fills the catalogue; this one waits');
      return;
    }
    try {
      await reindexIfNeeded(reindexing, log, lease.lost);
    } finally {
      await lease.release();
    }
  }

  /** Resumes interrupted erasures. If filling the catalogue has failed, first tries that again. */
  async resumeErasures(): Promise<void> {
    if (!this.#catalogueIsComplete) await this.fillCatalogue();
    await this.#once('resuming erasures', () => this.#options.eraser.resumeInterrupted());
  }

  /** Erases calls older than RETENTION_DAYS: those with files here, and at the machine that does it for all those of the catalogue. */
  eraseExpired(): Promise<void> {
    const { retentionDays: days, erasures, work, hasMachines, clock, log } = this.#options;
    if (days === 0 || !erasures) return Promise.resolve();
    return this.#once('erasing expired calls', async () => {
      const beforeMs = clock.now() - days * DAY_MS;
      const own = hasMachines ? (await eraseOwnByAge(erasures, beforeMs)).calls : [];
      const { lease } = work;
      const all = lease ? (await eraseByAge(erasures, beforeMs, lease.lost)).calls : [];
      const calls = [...own, ...all];
      const incomplete = calls.filter(({ left }) => left).length;
      const figures = { days, removed: calls.length - incomplete, incomplete };
      if (calls.length > 0) log.info(figures, 'expired calls erased');
    });
  }

  /** Never runs two instances of the same job at once. */
  async #once(job: string, work: () => Promise<void>): Promise<void> {
    if (this.#running.has(job)) return;
    this.#running.add(job);
    try {
      await work();
    } catch (error) {
      this.#options.log.warn({ job, err: error }, 'maintenance job failed; will retry');
    } finally {
      this.#running.delete(job);
    }
  }
}
