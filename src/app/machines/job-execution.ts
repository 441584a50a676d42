import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { CallClaim, CallClaims } from '../../cluster/calls/call-claims.ts';
import type { JournalReplication } from '../../cluster/journals/journal-replication.ts';
import type { ReplicatedJournals } from '../../cluster/journals/replicated-journals.ts';
import type { Clock } from '../../events/clock.ts';
import { componentLog, type Log } from '../../log.ts';
import type {
  FinalizationJob,
  JobExecutor,
  JobResult,
} from '../../records/finalization/finalization-jobs.ts';
import type { CallToFinalize } from '../../records/finalization/finalizer-options.ts';
import { removeReceipt } from '../../records/upload-receipt.ts';
import { endedCall } from '../../recovery/orphaned-journals.ts';
import { CallLocations } from '../../retention/call-locations.ts';
import type { CallStorage } from '../storage/call-storage.ts';
import type { GivenCall } from './given-call.ts';
import type { GivenCalls } from './given-calls.ts';

/** While files are written and uploaded, it is asked this often whether the call is still ours. */
const ASK_EVERY_MS = 2_000;
/** The late texts of a journal are in Redis within this time, or they are requested again. */
const REPLICATED_WITHIN_MS = 5_000;

export interface JobExecutionOptions {
  readonly claims: CallClaims;
  readonly journals: Pick<ReplicatedJournals, 'download' | 'remove'>;
  readonly replication: Pick<JournalReplication, 'replicated'>;
  /** Calls that have ended here. */
  readonly given: Pick<GivenCalls, 'of'>;
  readonly storage: CallStorage;
  readonly log: Log;
  readonly clock: Clock;
}

/** What has been reached of the files of one call. */
class Delivery {
  /** Texts that the files lack; undefined: there are no files. */
  pending: number | undefined;
  failure: unknown;
  isStored: boolean;
  isEntered: boolean;
  #changed = new AbortController();

  constructor(storage: CallStorage) {
    this.isStored = storage.uploads === undefined;
    this.isEntered = storage.index === undefined;
  }

  get isComplete(): boolean {
    return this.pending !== undefined && this.isStored && this.isEntered;
  }

  /** Aborted at the next change. */
  get change(): AbortSignal {
    return this.#changed.signal;
  }

  changed(): void {
    const changed = this.#changed;
    this.#changed = new AbortController();
    changed.abort();
  }
}

/**
 * Executes jobs in this process: takes the call with a new fence, writes its files from the journal in Redis, uploads and catalogues them. The journal of a call that
 * has ended here is used where it is. Before anything leaves this process, it is asked whether the call is still its own.
 */
export class JobExecution implements JobExecutor {
  readonly #options: JobExecutionOptions;
  readonly #log: Log;
  readonly #locations: CallLocations;
  readonly #deliveries = new Map<string, Delivery>();

  constructor(options: JobExecutionOptions) {
    this.#options = options;
    this.#log = componentLog(options.log, 'finalizer');
    const { storage } = options;
    this.#locations = new CallLocations(storage.directories);
    storage.observe({
      finished: ({ callSid, files }) =>
        this.#note(callSid, (delivery) => (delivery.pending = files.json.pending)),
      failed: ({ kind, callSid, error }) => {
        // This machine goes on trying with a journal of its own; another one may have more room on its disk.
        const isFinal = kind === 'unwritten' || (kind === 'transient' && !this.#options.given.of(callSid));
        if (isFinal) this.#note(callSid, (delivery) => (delivery.failure = error));
      },
    });
    storage.index?.entered.subscribe((callSid) =>
      this.#note(callSid, (delivery) => (delivery.isEntered = delivery.pending !== undefined)),
    );
  }

  /** The files of a call are in the object store. False: no job of the call is executed here. */
  uploaded(callSid: string): boolean {
    return this.#note(callSid, (delivery) => (delivery.isStored = true));
  }

  async execute({ callSid, fence }: FinalizationJob, given: AbortSignal): Promise<JobResult> {
    const { claims, given: calls, storage } = this.#options;
    const claim = await claims.read(callSid);
    // The files are complete, or a machine has taken the call outside of its job.
    if (claim?.job !== fence || claim.isDone) return 'done';
    const own = calls.of(callSid);
    if (own) return this.#executeOwn(own, claim, given);
    if (storage.status.isClaimed(callSid)) throw new Error('the call is being finalized here already');
    // They were written by an attempt with the journal that was here, which then failed: this directory alone has them, and uploads them.
    if (storage.directories.isFinished(callSid))
      throw new Error('the files of the call are here already, and are being uploaded');
    // A claim whose call is nowhere in this process would be given up.
    storage.status.begin(callSid);
    try {
      return await this.#executeOther(callSid, claim, given);
    } finally {
      storage.status.end(callSid);
    }
  }

  /** The journal is here, with everything that a background request still adds to it: the rest of the call is ours from now on. */
  async #executeOwn(own: GivenCall, claim: CallClaim, given: AbortSignal): Promise<JobResult> {
    const { callSid } = own.call;
    own.isExecutedHere = true;
    try {
      await this.#take(callSid, claim);
      await this.#finalize(own.call, given);
      await this.#done(callSid);
      return 'done';
    } finally {
      own.settled.abort();
    }
  }

  async #executeOther(callSid: string, claim: CallClaim, given: AbortSignal): Promise<JobResult> {
    const { claims, journals, storage, replication } = this.#options;
    const { directories, lease, orphans, finalizer } = storage;
    await this.#take(callSid, claim);
    this.#log.info({ callSid, from: claim.owner }, 'executing a finalization job of another process');
    try {
      const found = await journals.download(callSid, directories.journalPath(callSid, lease.id));
      const claimed = found === 'complete' ? await orphans.adopt(callSid) : undefined;
      if (!claimed) {
        const problem =
          found === 'complete'
            ? 'the journal of a call in Redis is damaged: no call can be read from it'
            : 'Redis does not have the journal of a call';
        this.#log.error({ callSid }, `${problem}; the machine that had the call writes its files`);
        await claims.withdraw(callSid);
        return 'done';
      }
      const pending = await this.#finalize(endedCall(claimed), given);
      if (pending === 0) await this.#done(callSid);
      // Late texts that have arrived are in the journal for the next attempt.
      else {
        await replication.replicated(callSid, REPLICATED_WITHIN_MS);
        await claims.stored(callSid);
      }
      return pending === 0 ? 'done' : 'incomplete';
    } finally {
      // Nothing of the call stays here: its journal is in Redis, or its files are in the store.
      await finalizer.abandon(callSid);
      await storage.uploads?.abandon(callSid);
      await this.#remove(callSid);
      claims.lost(callSid);
    }
  }

  async #remove(callSid: string): Promise<void> {
    const { directories, lease } = this.#options.storage;
    const files = this.#locations
      .existingFiles(callSid)
      .map((name) => path.join(directories.recordings, name));
    const journals = [directories.journalPath(callSid, lease.id), directories.pendingPath(callSid)];
    const entry = path.join(directories.pendingIndex, callSid);
    for (const file of [...files, ...journals, entry]) await rm(file, { force: true });
    directories.unwritten.remove(callSid);
    await removeReceipt(directories.receipts, callSid);
  }

  async #take(callSid: string, claim: CallClaim): Promise<void> {
    const { claims } = this.#options;
    if (claims.fenceOf(callSid) === claim.fence) return;
    if ((await claims.takeJob(callSid, claim)) === undefined)
      throw new Error('another process has taken the call');
  }

  async #done(callSid: string): Promise<void> {
    const { claims, journals } = this.#options;
    const fence = claims.fenceOf(callSid);
    if (fence === undefined) return;
    await claims.done(callSid);
    await journals.remove(callSid, fence);
  }

  /** Resolves with the number of missing texts when the files are written, stored and in the catalogue. Rejects if that fails, or the job is given up. */
  async #finalize(call: CallToFinalize, given: AbortSignal): Promise<number> {
    const { claims, storage, clock } = this.#options;
    const { callSid } = call;
    const delivery = new Delivery(storage);
    this.#deliveries.set(callSid, delivery);
    void storage.finalizer.finish(call);
    try {
      while (!delivery.isComplete) {
        await clock.sleep(ASK_EVERY_MS, AbortSignal.any([given, delivery.change]));
        if (given.aborted) throw new Error('the job was given up');
        if (delivery.failure !== undefined)
          throw new Error('its files could not be written', { cause: delivery.failure });
        if (!(await claims.isOurs(callSid))) throw new Error('another process has taken the call');
      }
      return delivery.pending ?? 0;
    } finally {
      this.#deliveries.delete(callSid);
    }
  }

  #note(callSid: string, change: (delivery: Delivery) => void): boolean {
    const delivery = this.#deliveries.get(callSid);
    if (!delivery) return false;
    change(delivery);
    delivery.changed();
    return true;
  }
}
