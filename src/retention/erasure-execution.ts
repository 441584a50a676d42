import { appendFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Clock } from '../events/clock.ts';
import type { Log } from '../log.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import type { Erasure } from '../records/erasure.ts';
import type { ErasureReason, Tombstone } from '../records/tombstone.ts';
import { removeReceipt } from '../records/upload-receipt.ts';
import type { DataDirectory, JournalFile } from '../storage/data-directory.ts';
import { syncDirectory } from '../storage/durable-file.ts';
import { tombstoneName } from '../storage/file-names.ts';
import type { CallLocations } from './call-locations.ts';
import type { CatalogueScrub } from './catalogue-scrub.ts';

/** How long to wait for another process that holds the call. It looks for tombstones every 30 s and erases the call then. */
const HOLDER_WAIT_MS = 45_000;
/** How often to check whether the other process still holds the call: it cannot send a signal here. */
const HOLDER_POLL_MS = 200;

/** The result for one call. It contains file names and addresses, but no phone numbers and nothing that was said. */
export interface ErasureReceipt {
  readonly callSid: string;
  readonly because: ErasureReason;
  readonly askedAt: string;
  readonly files: readonly string[];
  readonly remote: readonly string[];
  readonly catalogue: 'removed' | 'had no entry';
  /** Other machines that have erased what they had of the call; undefined: this machine is alone. */
  readonly machines?: readonly string[] | undefined;
  /** What could not be removed yet; undefined: everything was removed. */
  readonly left?: readonly string[] | undefined;
}

export type CallErasure = Erasure<ErasureReceipt>;

/** Stops the finalization of a call. */
export interface FinalizationControl {
  abandon(callSid: string): Promise<void>;
  /** Whether this process has claimed the call's journal and the finalizer may begin with it at any time. */
  isClaimed(callSid: string): boolean;
}

/** Knows which calls are held by other live processes. */
export interface JournalHolders {
  isHeldElsewhere(callSid: string): Promise<boolean>;
  /** Whether a live process, this one or another, has the journal. */
  isHeld(journal: JournalFile): Promise<boolean>;
}

export interface ErasureExecutionOptions {
  readonly directories: DataDirectory;
  readonly locations: CallLocations;
  readonly holders: JournalHolders;
  readonly finalizer: FinalizationControl;
  readonly catalogue: Catalogue | undefined;
  readonly store: ObjectStore | undefined;
  readonly log: Log;
  readonly clock: Clock;
}

/** Removes everything that a tombstone names, and the tombstone last. It can be repeated after an interruption at any point. */
export class ErasureExecution {
  readonly #options: ErasureExecutionOptions;
  readonly #scrub: CatalogueScrub;

  constructor(options: ErasureExecutionOptions, scrub: CatalogueScrub) {
    this.#options = options;
    this.#scrub = scrub;
  }

  async run(tombstone: Tombstone): Promise<CallErasure> {
    const { callSid } = tombstone;
    const { locations } = this.#options;
    if (!(await this.#isReleased(callSid))) {
      const left = ['the process that still awaits texts of the call'];
      const files = locations.missingOf(tombstone.files);
      return {
        outcome: 'incomplete',
        receipt: { ...headOf(tombstone), files, remote: [], catalogue: 'had no entry', left },
      };
    }
    const removed = locations.removeAll(callSid);
    const files = [...new Set([...locations.missingOf(tombstone.files), ...removed])];
    const left: string[] = [];
    const remote: string[] = [];
    for (const url of tombstone.urls)
      if (await this.#attempt(callSid, url, left, () => this.#removeRemote(url))) remote.push(url);
    const hadEntry = await this.#attempt(callSid, 'catalogue', left, () => this.#removeEntry(tombstone));
    const catalogue = hadEntry ? 'removed' : 'had no entry';
    const receipt: ErasureReceipt = { ...headOf(tombstone), files, remote, catalogue };
    if (left.length > 0) return { outcome: 'incomplete', receipt: { ...receipt, left } };
    await this.#complete(tombstone, files.length + remote.length);
    return { outcome: 'erased', receipt };
  }

  /** Runs one step. If it fails, adds `what` to `left` and resolves with undefined. */
  async #attempt<T>(
    callSid: string,
    what: string,
    left: string[],
    step: () => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await step();
    } catch (error) {
      left.push(what);
      this.#options.log.warn({ callSid, err: error }, 'call erasure failed in part; will retry');
      return undefined;
    }
  }

  /** Waits until no live process works with the call's journal. Resolves with false if that takes too long. */
  async #isReleased(callSid: string): Promise<boolean> {
    const { holders, finalizer, clock } = this.#options;
    const untilMs = clock.now() + HOLDER_WAIT_MS;
    for (;;) {
      await finalizer.abandon(callSid);
      if (!finalizer.isClaimed(callSid) && !(await holders.isHeldElsewhere(callSid))) return true;
      if (clock.now() > untilMs) return false;
      await clock.sleep(HOLDER_POLL_MS);
    }
  }

  #removeRemote(url: string): Promise<boolean> {
    const { store } = this.#options;
    if (!store)
      throw new Error('the object store that holds the file is not configured: set RECORDINGS_STORE');
    return store.remove(url);
  }

  async #removeEntry({ callSid, hadEntry }: Tombstone): Promise<boolean> {
    this.#scrub.request();
    const removed = await this.#options.catalogue?.remove(callSid);
    return removed === true || hadEntry;
  }

  async #complete(tombstone: Tombstone, pieces: number): Promise<void> {
    const { directories, log, clock } = this.#options;
    const { callSid, because, askedAt } = headOf(tombstone);
    await removeReceipt(directories.receipts, callSid);
    const line = { at: new Date(clock.now()).toISOString(), callSid, because, askedAt, pieces };
    appendFileSync(path.join(directories.state, 'removed.log'), `${JSON.stringify(line)}\n`);
    log.info(line, 'call erased');
    rmSync(path.join(directories.erasing, tombstoneName(callSid)), { force: true });
    syncDirectory(directories.erasing);
  }
}

function headOf({
  callSid,
  because,
  atMs,
}: Tombstone): Pick<ErasureReceipt, 'callSid' | 'because' | 'askedAt'> {
  return { callSid, because, askedAt: new Date(atMs).toISOString() };
}
