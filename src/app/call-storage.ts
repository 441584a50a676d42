import type { CallHistory, CallIdentity } from '../call/call-options.ts';
import type { ReindexOptions } from '../catalogue/reindex.ts';
import type { CallEvent } from '../events/call-events.ts';
import { JournalHealth } from '../journal/journal-health.ts';
import { JournalStore } from '../journal/journal-store.ts';
import type { Journal } from '../journal/journal.ts';
import { ProcessLease } from '../journal/process-lease.ts';
import { CallRecovery } from '../recovery/call-recovery.ts';
import { interrupt, OrphanedJournals } from '../recovery/orphaned-journals.ts';
import type { BulkErasureOptions } from '../retention/bulk-erasure.ts';
import { CallEraser } from '../retention/call-eraser.ts';
import { DataDirectory, type JournalFile } from '../storage/data-directory.ts';
import { WorkerPool } from '../workers/worker-pool.ts';
import { Afterwards, type AfterwardsParts } from './afterwards.ts';
import { MaintenanceJobs } from './maintenance-jobs.ts';

/** A kill costs at most twice this much of what had been read. */
const FLUSH_EVERY_MS = 100;
/** A power cut costs at most this much more. */
const SYNC_EVERY_MS = 500;
/** How often calls of processes that have died meanwhile are looked for. */
const LOOK_FOR_DEAD_EVERY_MS = 30_000;
/** How often is looked for calls that have become too old: to wait for a service on, or to be kept. */
const LOOK_FOR_OLD_EVERY_MS = 3_600_000;
/** A call of a dead process is over when nobody has come for it by then. */
const CALLER_GONE_MS = 30_000;
/** Calls that are finished at the same time where nothing else is done: the services take most of it. */
const FINISHED_AT_ONCE = 4;
const DAY_MS = 86_400_000;

export interface CallStorageOptions extends Omit<AfterwardsParts, 'folders' | 'pool'> {
  /** Told of every event of every live call as it is written, of those that are taken up after a crash as well. */
  readonly watch?: (callSid: string, event: CallEvent) => void;
}

/** A call that a dead process left unfinished and whose caller may still be there. */
export type ResumeCall = (identity: CallIdentity, journal: Journal, history: CallHistory) => boolean;

/** Calls that still lack something: texts or files, or their place in the store. */
export interface UnfinishedWork {
  readonly incomplete: number;
  readonly unstored: number;
}

/** What happens to calls on disk: their journals while they last, their files when they are over, the dead's calls. */
export class CallStorage {
  readonly folders: DataDirectory;
  readonly journals: JournalStore;
  readonly afterwards: Afterwards;
  readonly eraser: CallEraser;
  readonly #parts: CallStorageOptions;
  readonly #owner: ProcessLease;
  readonly #pool: WorkerPool;
  readonly #leftBehind: OrphanedJournals;
  readonly #upkeep: MaintenanceJobs;
  readonly #alarm = new JournalHealth();
  #deadCalls: CallRecovery | undefined;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(parts: CallStorageOptions) {
    const { settings, log } = parts;
    this.#parts = parts;
    this.folders = new DataDirectory(settings.recording.directory);
    this.#owner = new ProcessLease(this.folders.processes);
    this.journals = new JournalStore(this.folders, parts.now);
    this.#pool = new WorkerPool();
    const { folders, journals } = this;
    this.#leftBehind = new OrphanedJournals({
      folders,
      journals,
      owner: this.#owner,
      worker: this.#pool,
      log,
    });
    this.afterwards = new Afterwards({ ...parts, folders, pool: this.#pool });
    this.eraser = new CallEraser({
      ...{ folders, log, leftBehind: this.#leftBehind, afterwards: this.afterwards },
      ...{ pool: this.#pool, now: parts.now },
      ...(parts.catalogue && { catalogue: parts.catalogue }),
      ...(parts.store && { store: parts.store }),
    });
    const { eraser, erasures, reindexing } = this;
    this.#upkeep = new MaintenanceJobs({
      ...{ eraser, log, now: parts.now, retentionDays: settings.retentionDays },
      ...(erasures && { erasures }),
      ...(reindexing && { reindexing }),
    });
  }

  /** From now on other processes see that this one lives. */
  async begin(): Promise<void> {
    await Promise.all([this.#owner.begin(), this.journals.begin()]);
    this.afterwards.begin();
    this.#every(FLUSH_EVERY_MS, () => {
      this.journals.flush();
      this.#lookAtTheDisk();
    });
    this.#every(SYNC_EVERY_MS, () => this.journals.sync());
  }

  /**
   * Calls of dead processes: those that were over are finished, the others handed to `takeUp`. Now and from time to time.
   * Resolves when every call that may go on is known; files are made after that.
   */
  async recoverCalls(takeUp: ResumeCall): Promise<void> {
    const dead = this.#makeDeadCalls(takeUp);
    this.#deadCalls = dead;
    await this.#owner.tidy();
    this.folders.removeAbandonedTemporaryFiles(this.#parts.now());
    await dead.takeAll();
    this.#every(LOOK_FOR_DEAD_EVERY_MS, () => {
      void dead.takeAll();
      void this.#upkeep.goOn();
    });
    void this.#upkeep.goOn();
    void this.#takeJournals([...this.#unwritten(), ...this.#worthAnotherTry()]);
    void this.#upkeep.fillCatalogue().then(() => this.afterwards.takeUpLeft());
    void this.#upkeep.removeOld();
    this.#every(LOOK_FOR_OLD_EVERY_MS, () => {
      void this.#takeJournals(this.#worthAnotherTry());
      void this.#upkeep.removeOld();
    });
  }

  /** What entering all calls anew needs; undefined without a catalogue. */
  get reindexing(): ReindexOptions | undefined {
    const { catalogue } = this.#parts;
    return catalogue && { catalogue, folders: this.folders, pool: this.#pool };
  }

  /** What erasing many calls needs; undefined without a catalogue. */
  get erasures(): BulkErasureOptions | undefined {
    const { catalogue, now } = this.#parts;
    return catalogue && { eraser: this.eraser, folders: this.folders, pool: this.#pool, catalogue, now };
  }

  /** Whether another living process writes the call's journal. */
  isHeldElsewhere(callSid: string): Promise<boolean> {
    return this.#leftBehind.isHeldElsewhere(callSid);
  }

  /** As `DeadCalls.settle`; undefined too where dead processes' calls are none of ours. */
  settle(callSid: string): Promise<boolean> | undefined {
    return this.#deadCalls?.settle(callSid);
  }

  /**
   * Finishes all that no living process holds, without serving; resolves with how many calls are left.
   * Calls that were live are left alone until nobody has been on their line for 30 s.
   */
  async finishOrphanedCalls(): Promise<UnfinishedWork> {
    const found = [
      ...(await this.#leftBehind.dead()),
      ...this.#unwritten(),
      ...this.#worthAnotherTry(),
    ].values();
    await Promise.all(
      Array.from({ length: FINISHED_AT_ONCE }, async () => {
        for (const one of found) await this.#finishFound(one);
      }),
    );
    await this.afterwards.stopFinishing();
    await this.afterwards.takeUpLeft();
    const unstored = await this.afterwards.triedToStore();
    const unheld = this.folders.activeJournals().filter(({ owner }) => owner === this.#owner.id);
    const waiting = (await this.#leftBehind.dead()).length + this.folders.pendingJournals().length;
    return { incomplete: unheld.length + waiting, unstored };
  }

  openJournal(callSid: string): Journal {
    const journal = this.journals.create(callSid, this.#owner.id);
    this.#observe(journal, this.afterwards.watch(callSid));
    return journal;
  }

  #observe(journal: Journal, told: (event: CallEvent) => void): void {
    journal.onEvent = (event) => {
      this.#parts.watch?.(journal.callSid, event);
      told(event);
    };
  }

  async end(): Promise<void> {
    await this.afterwards.end();
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all([this.#pool.end(), this.journals.end()]);
    this.#owner.end();
  }

  #makeDeadCalls(takeUp: ResumeCall): CallRecovery {
    return new CallRecovery({
      leftBehind: this.#leftBehind,
      over: (callSid) => this.afterwards.over(callSid),
      finish: (call) => void this.afterwards.finish(call),
      goOn: ({ identity, journal, history }) => {
        if (!takeUp(identity, journal, history)) {
          void journal.close('pending');
          return;
        }
        this.#observe(journal, this.afterwards.watch(identity.callSid, { identity, history }));
      },
    });
  }

  async #takeJournals(journals: readonly JournalFile[]): Promise<void> {
    for (const found of journals) {
      const taken = await this.#leftBehind.takeUp(found);
      if (taken?.kind === 'over') await this.afterwards.finish(taken.call);
    }
  }

  /** Of the waiting ones: those that a service here can help, and those that have waited long enough. */
  #worthAnotherTry(): JournalFile[] {
    const { services, settings, now } = this.#parts;
    const waiting = this.folders
      .pendingJournals()
      .filter(({ callSid }) => !this.folders.unwritten.has(callSid));
    if (services.transcriber) return waiting;
    const tooOldMs = now() - settings.limits.pendingDays * DAY_MS;
    return waiting.filter((found) => (this.folders.writtenAtMs(found) ?? Infinity) < tooOldMs);
  }

  /** Of the waiting ones: those whose files could not be written. They are tried again once at each start. */
  #unwritten(): JournalFile[] {
    return this.folders.pendingJournals().filter(({ callSid }) => this.folders.unwritten.has(callSid));
  }

  async #finishFound(found: JournalFile): Promise<void> {
    const state =
      found.owner === undefined ? undefined : await this.#pool.read(found.path).catch(() => undefined);
    const writtenAtMs = this.folders.writtenAtMs(found) ?? 0;
    const callerMayComeMs = writtenAtMs + CALLER_GONE_MS - this.#parts.now();
    if (state && state.endReason === undefined && callerMayComeMs > 0) {
      this.#parts.log.info(
        { callSid: found.callSid, waitMs: Math.round(callerMayComeMs) },
        'its caller may still be there',
      );
      await sleep(callerMayComeMs);
      if (this.folders.writtenAtMs(found) !== writtenAtMs) return;
    }
    const taken = await this.#leftBehind.takeUp(found);
    if (!taken) return;
    if (taken.kind === 'over') return this.afterwards.finish(taken.call);
    interrupt(taken.journal, taken.history.zeroAtMs + taken.history.endMs);
    const { callSid } = taken.identity;
    return this.afterwards.finish({ callSid, journal: taken.journal, call: undefined, leftOver: new Map() });
  }

  #lookAtTheDisk(): void {
    const { figures } = this.journals;
    const news = this.#alarm.look(figures);
    if (news === 'raised') this.#parts.log.error(figures, 'the disk does not keep up with the journals');
    if (news === 'over') this.#parts.log.info(figures, 'the disk keeps up with the journals again');
  }

  #every(ms: number, work: () => void): void {
    this.#timers.push(setInterval(work, ms));
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
