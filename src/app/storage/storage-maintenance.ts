import type { CallHistory, CallIdentity } from '../../call/call-options.ts';
import type { Journal } from '../../journal/journal.ts';
import { componentLog } from '../../log.ts';
import { CallRecovery } from '../../recovery/call-recovery.ts';
import { endedCall } from '../../recovery/orphaned-journals.ts';
import type { JournalFile } from '../../storage/data-directory.ts';
import { EmbeddedLeases } from '../../storage/work-lease.ts';
import type { CallStorage } from './call-storage.ts';
import { MaintenanceJobs } from './maintenance-jobs.ts';
import { OrphanFinalizer } from './orphan-finalizer.ts';
import { PendingJournals } from './pending-journals.ts';
import { Schedule } from './schedule.ts';
import { ScheduledWork } from './scheduled-work.ts';

/** How often calls of crashed processes are looked for. */
const RECOVERY_EVERY_MS = 30_000;
/** How often calls are looked for that are too old: to wait for a service, or to be kept. */
const RETENTION_EVERY_MS = 3_600_000;
/** How often a machine asks for the work that is done once for all machines. */
const LEASE_EVERY_MS = 5_000;
const DAY_MS = 86_400_000;

/** Continues live calls of crashed processes. */
export interface CallResumer {
  /** False if a call with this CallSid is live here already. */
  resume(identity: CallIdentity, journal: Journal, history: CallHistory): boolean;
}

/** Calls that lack texts or files, or are not in the object store. */
export interface UnfinishedWork {
  readonly incomplete: number;
  readonly unstored: number;
}

/** Recovers calls of crashed processes, and runs the periodic jobs: pending texts, uploads, erasures, retention, the catalogue. */
export class StorageMaintenance {
  readonly #storage: CallStorage;
  readonly #pending: PendingJournals;
  readonly #jobs: MaintenanceJobs;
  readonly #work: ScheduledWork;
  readonly #schedule = new Schedule();
  #recovery: CallRecovery | undefined;

  constructor(storage: CallStorage) {
    const { directories, eraser, erasures, reindexing } = storage;
    const { services, settings, clock } = storage.options;
    const log = componentLog(storage.options.log, 'maintenance');
    const { pendingDays } = settings.limits;
    this.#storage = storage;
    this.#pending = new PendingJournals({ directories, services, pendingDays, clock });
    const { retentionDays } = settings;
    const { shared } = storage.options;
    const work = (this.#work = shared?.work ?? new ScheduledWork(new EmbeddedLeases()));
    const hasMachines = shared !== undefined;
    const calls = { eraser, erasures, reindexing, retentionDays };
    this.#jobs = new MaintenanceJobs({ ...calls, work, hasMachines, log, clock });
  }

  /**
   * Recovers the calls of crashed processes, now and periodically, and starts the other jobs. Resolves when every call
   * that may continue has been resumed. The files of ended calls are written after that.
   */
  async start(resumer: CallResumer): Promise<void> {
    const { directories, lease, options } = this.#storage;
    const recovery = this.#createRecovery(resumer);
    this.#recovery = recovery;
    const { shared } = options;
    // Before anything of a call is written that another machine was asked to erase.
    await shared?.changes?.begin(this.#storage);
    const upToDate = shared?.changes?.settled ?? Promise.resolve();
    await this.#work.tick();
    await lease.tidy();
    directories.removeAbandonedTemporaryFiles(options.clock.now());
    // Before recovery, which adds journals that it cannot read: those are not retried in the same start.
    const unwritten = this.#pending.unwritten();
    await recovery.recoverAll();
    this.#schedule.every(RECOVERY_EVERY_MS, () => {
      this.#run('call recovery', () => recovery.recoverAll());
      this.#run('resuming erasures', () => this.#jobs.resumeErasures());
    });
    this.#run('resuming erasures', () => this.#jobs.resumeErasures());
    this.#run('pending calls', async () => {
      await upToDate;
      await this.#finishPending([...unwritten, ...this.#pending.due()]);
    });
    this.#run('resuming uploads', async () => {
      await upToDate;
      await this.#jobs.fillCatalogue();
      await this.resumeUploads();
    });
    const retention = (): void =>
      this.#run('retention', async () => {
        await upToDate;
        await this.#jobs.eraseExpired();
      });
    retention();
    this.#schedule.every(LEASE_EVERY_MS, () => {
      this.#run('scheduled work', async () => {
        if (await this.#work.tick()) retention();
      });
    });
    this.#removeOutdatedJournals();
    this.#schedule.every(RETENTION_EVERY_MS, () => {
      this.#removeOutdatedJournals();
      this.#run('pending calls', () => this.#finishPending(this.#pending.due()));
      retention();
    });
  }

  /** Another process of this server has ended: its calls are recovered now. */
  recover(): void {
    const recovery = this.#recovery;
    if (recovery) this.#run('call recovery', () => recovery.recoverAll());
  }

  /** Runs a job in the background. A failure, such as a disk error, is logged and affects no call. */
  #run(job: string, work: () => Promise<unknown>): void {
    const failed = (error: unknown): void =>
      componentLog(this.#storage.options.log, 'maintenance').error(
        { job, err: error },
        'maintenance job failed; will retry',
      );
    try {
      work().catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  stop(): void {
    this.#schedule.stop();
    void this.#work.end();
  }

  /** As `CallRecovery.acquire`; undefined if this process does not recover calls. */
  acquire(callSid: string): Promise<boolean> | undefined {
    return this.#recovery?.acquire(callSid);
  }

  /** Goes on with a call of another machine, whose journal was written to this process' own path for it. */
  async adopt(callSid: string): Promise<void> {
    await this.#recovery?.adopt(callSid);
  }

  beginsAnew(): boolean {
    return false;
  }

  /** Finishes all calls that no live process holds, without a server. Resolves with the numbers of calls that remain. */
  async finishOrphanedCalls(): Promise<UnfinishedWork> {
    const { directories, lease, orphans, worker, finalizer, uploads, options } = this.#storage;
    const { clock, shared } = options;
    const log = componentLog(options.log, 'recovery');
    await shared?.changes?.begin(this.#storage);
    const orphanFinalizer = new OrphanFinalizer({
      directories,
      orphans,
      worker,
      finalizer: this.#storage,
      log,
      clock,
    });
    const pending = [...this.#pending.unwritten(), ...this.#pending.due()];
    await orphanFinalizer.finishAll([...(await orphans.all()), ...pending]);
    await finalizer.stop();
    if (shared?.changes?.isSettled ?? true) await this.resumeUploads();
    const unstored = (await uploads?.attempted()) ?? 0;
    const own = directories.activeJournals().filter(({ owner }) => owner === lease.id);
    const waiting = (await orphans.all()).length + directories.pendingJournals().length;
    return { incomplete: own.length + waiting, unstored };
  }

  /** Continues the uploads and catalogue entries that earlier processes did not complete. */
  async resumeUploads(): Promise<void> {
    const { index, uploads, directories, options } = this.#storage;
    const unfinished = [...directories.activeJournals(), ...directories.pendingJournals()];
    index?.enterPending(new Set(unfinished.map(({ callSid }) => callSid)));
    const log = componentLog(options.log, 'uploads');
    try {
      await uploads?.resume();
    } catch (error) {
      log.warn({ err: error }, 'pending uploads could not be listed');
    }
    try {
      await options.store?.tidy();
    } catch (error) {
      log.warn({ err: error }, 'incomplete uploads in the object store could not be listed');
    }
  }

  /** Journals of calls that other machines have gone on with are kept as long as those that wait for texts. */
  #removeOutdatedJournals(): void {
    const { directories, options } = this.#storage;
    const { clock, settings } = options;
    directories.removeOutdatedBefore(clock.now() - settings.limits.pendingDays * DAY_MS);
  }

  #createRecovery(resumer: CallResumer): CallRecovery {
    const { orphans, index, encoding, options } = this.#storage;
    return new CallRecovery({
      orphans,
      clock: options.clock,
      target: {
        finish: (call) => void this.#storage.finish(call),
        resume: ({ identity, journal, history }) => {
          if (!resumer.resume(identity, journal, history)) return void journal.close('orphaned');
          index?.begins(identity.callSid);
          encoding.begins(journal.path);
        },
      },
    });
  }

  async #finishPending(journals: readonly JournalFile[]): Promise<void> {
    for (const journal of journals) {
      const claimed = await this.#storage.orphans.claim(journal);
      if (claimed) await this.#storage.finish(endedCall(claimed));
    }
  }
}
