import type { CallStore, EndedCall } from '../../call/call-store.ts';
import { CatalogueDown } from '../../catalogue/catalogue.ts';
import type { ReindexOptions } from '../../catalogue/reindex.ts';
import { LiveCallSync } from '../../catalogue/sync/live-call-sync.ts';
import { Topic } from '../../events/topic.ts';
import { JournalStore } from '../../journal/journal-store.ts';
import type { Journal } from '../../journal/journal.ts';
import { ProcessLease } from '../../journal/process-lease.ts';
import { componentLog } from '../../log.ts';
import { UploadQueue } from '../../object-store/upload-queue.ts';
import type { Annotation } from '../../records/annotations.ts';
import { type CallRecord, readCallRecord } from '../../records/call-record.ts';
import type { CallFinalizer } from '../../records/finalization/call-finalizer.ts';
import type { JobCounts } from '../../records/finalization/finalization-jobs.ts';
import type { CallToFinalize, FinalizerObserver } from '../../records/finalization/finalizer-options.ts';
import { OrphanedJournals } from '../../recovery/orphaned-journals.ts';
import type { BulkErasureOptions } from '../../retention/bulk-erasure.ts';
import { CallEraser } from '../../retention/call-eraser.ts';
import { DataDirectory } from '../../storage/data-directory.ts';
import { WorkerPool } from '../../workers/worker-pool.ts';
import { Outages } from '../outages.ts';
import type { CallStorageOptions } from './call-storage-options.ts';
import { createFinalizer } from './create-finalizer.ts';
import { EndedCalls } from './ended-calls.ts';
import { FinalizationStatus } from './finalization-status.ts';
import { LiveEncoding } from './live-encoding.ts';
import { OwnFinalizations } from './own-finalizations.ts';
import { OwnEntries } from './own-entries.ts';
import { UploadLog } from './upload-log.ts';

/** Calls on disk: journals of live calls, files of finished ones, their uploads and catalogue entries. */
export class CallStorage implements CallStore<Journal> {
  readonly directories: DataDirectory;
  readonly lease: ProcessLease;
  readonly journals: JournalStore;
  readonly worker: WorkerPool;
  /** Recordings of long calls, while the calls last. */
  readonly encoding: LiveEncoding;
  readonly orphans: OrphanedJournals;
  readonly finalizer: CallFinalizer;
  /** Jobs of this process alone. */
  readonly endedCalls: EndedCalls;
  readonly status: FinalizationStatus;
  readonly eraser: CallEraser;
  /** The dependencies that fail. */
  readonly outages: Outages;
  /** Undefined without an object store. */
  readonly uploads: UploadQueue | undefined;
  /** Undefined without a catalogue. */
  readonly index: LiveCallSync | undefined;
  /** Calls whose files were written or cannot be written, and calls that were erased before. */
  readonly finalized: Topic<[callSid: string]>;
  readonly options: CallStorageOptions;
  readonly #observers: FinalizerObserver[];

  constructor(options: CallStorageOptions) {
    const { settings, log, clock, events, catalogue, store, shared } = options;
    this.options = options;
    this.worker = new WorkerPool(undefined, (journal, error) =>
      componentLog(log, 'finalizer').warn(
        { journal, err: error },
        'recording could not be encoded during its call; it is encoded after the call',
      ),
    );
    const { worker } = this;
    this.finalized = new Topic((error) =>
      componentLog(log, 'events').error({ err: error }, 'subscriber of finalized calls failed'),
    );
    const directories = new DataDirectory(settings.recording.directory);
    this.directories = directories;
    this.lease = new ProcessLease(directories.processes, undefined, shared?.machine);
    this.journals = new JournalStore({ directories, clock, events, follower: shared?.follower });
    const { journals, lease } = this;
    this.encoding = new LiveEncoding({
      encoder: worker.live,
      settings: {
        ...settings.recording,
        directory: directories.recordings,
        temporary: directories.temporary,
      },
      clock,
    });
    this.status = new FinalizationStatus(directories.unwritten, componentLog(log, 'finalizer'));
    this.orphans = new OrphanedJournals({
      directories,
      lease,
      journals,
      worker,
      observer: this.status,
      permits: shared,
      log: componentLog(log, 'recovery'),
    });
    this.#observers = [
      this.status,
      { finished: ({ callSid }) => this.#filesChanged(callSid), failed: () => undefined },
    ];
    this.finalizer = createFinalizer(options, directories, worker, this.#observers);
    const { orphans, finalizer } = this;
    this.endedCalls = new EndedCalls(finalizer, componentLog(log, 'finalizer'), clock);
    this.eraser = new CallEraser({
      directories,
      worker,
      holders: orphans,
      finalizer: new OwnFinalizations(finalizer, this.status, shared),
      catalogue,
      store,
      log: componentLog(log, 'retention'),
      clock,
    });
    this.outages = new Outages(() => clock.now());
    this.uploads =
      store &&
      new UploadQueue({
        store,
        directories,
        permit: shared,
        clock,
        observer: new UploadLog(componentLog(log, 'uploads'), store, this.outages, shared),
      });
    this.index =
      catalogue &&
      new LiveCallSync({
        catalogue,
        directories,
        worker: shared ? new OwnEntries(worker, shared) : worker,
        log: componentLog(log, 'catalogue'),
        clock,
        outage: {
          begins: (error) => void this.outages.failed('database', error),
          ends: () => void this.outages.succeeded('database'),
        },
      });
    events?.subscribe(['ringing'], (callSid) => this.index?.begins(callSid));
  }

  /** Adds an observer of the finalizer. */
  observe(observer: FinalizerObserver): void {
    this.#observers.push(observer);
  }

  openJournal(callSid: string): Journal {
    const journal = this.journals.create(callSid, this.lease.id);
    this.encoding.begins(journal.path);
    return journal;
  }

  /** Whether a call's files exist or are being written. */
  isFinished(callSid: string): boolean {
    return this.status.has(callSid) || readCallRecord(this.directories.recordings, callSid) !== undefined;
  }

  ended(call: EndedCall<Journal>): void {
    void this.finish(call);
  }

  failed(callSid: string, error: unknown): void {
    componentLog(this.options.log, 'call').error(
      { callSid, err: error },
      'internal error in a call; the call was ended',
    );
  }

  /** Writes the files of an ended call. Resolves when they exist, cannot be written, or the call was erased. */
  async finish(call: CallToFinalize): Promise<void> {
    this.status.begin(call.callSid);
    const { path } = call.journal;
    this.encoding.ends(path);
    const { shared } = this.options;
    // Without other machines the finalizer has the call at once: an erasure finds it there.
    if (!shared) await this.endedCalls.finish(call);
    else if (!(await shared.mayFinish(call.callSid))) await this.#leave(call);
    else if ((await shared.give(call)) === 'here') await this.endedCalls.finish(call);
    await this.encoding.forget(path);
    this.status.end(call.callSid);
    this.finalized.publish(call.callSid);
  }

  /** Changes notes and hold of a finished call. Undefined if there is no such call or note. */
  async annotate(callSid: string, change: Annotation): Promise<CallRecord | undefined> {
    const { recordings: directory, temporary, erasing, lock } = this.directories;
    const record = await this.worker.change({ directory, temporary, erasing, lock }, callSid, change);
    if (!record) return undefined;
    this.#filesChanged(callSid);
    const { catalogue } = this.options;
    // Requests read annotations from the catalogue. If it is down, `CatalogueWriteQueue` updates it later.
    await (
      change.kind === 'hold'
        ? catalogue?.putHold(callSid, record.hold)
        : catalogue?.putNotes(callSid, record.notes ?? [])
    )?.catch(unlessDown);
    return record;
  }

  /** Jobs that write the files of ended calls: of all machines, or of this process. */
  get jobs(): JobCounts {
    return this.options.shared?.jobs ?? this.endedCalls.counts;
  }

  /** Whether another live process writes the call's journal. */
  isHeldElsewhere(callSid: string): Promise<boolean> {
    return this.orphans.isHeldElsewhere(callSid);
  }

  /** For a complete reindex; undefined without a catalogue. */
  get reindexing(): ReindexOptions | undefined {
    const { catalogue } = this.options;
    return catalogue && { catalogue, directories: this.directories, pool: this.worker };
  }

  /** For erasing many calls; undefined without a catalogue. */
  get erasures(): BulkErasureOptions | undefined {
    const { directories, eraser, worker } = this;
    const { catalogue, clock } = this.options;
    return catalogue && { eraser, directories, worker, catalogue, clock };
  }

  /** Another machine has gone on with the call. */
  async #leave({ callSid, call, journal }: CallToFinalize): Promise<void> {
    this.#logTaken(callSid);
    call?.giveUpTexts();
    await journal.close('outdated');
  }

  #logTaken(callSid: string): void {
    componentLog(this.options.log, 'finalizer').warn(
      { callSid },
      'another machine has this call: nothing of it leaves this one',
    );
  }

  #filesChanged(callSid: string): void {
    const { shared } = this.options;
    if (!shared) return this.#passOn(callSid);
    // Another machine may have taken the call while its files were written.
    void shared.mayFinish(callSid).then((isOurs) => {
      if (!isOurs) return this.#logTaken(callSid);
      if (!this.uploads) shared.isComplete(callSid);
      this.#passOn(callSid);
    });
  }

  #passOn(callSid: string): void {
    this.uploads?.upload(callSid);
    this.index?.finished(callSid);
  }
}

function unlessDown(error: unknown): void {
  if (!(error instanceof CatalogueDown)) throw error;
}
