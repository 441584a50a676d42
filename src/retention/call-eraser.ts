import { rmSync } from 'node:fs';
import path from 'node:path';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Clock } from '../events/clock.ts';
import type { Log } from '../log.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import type { LockedDirectories } from '../records/annotations.ts';
import type { CatalogueEntry } from '../records/call-entry.ts';
import { readCallRecord } from '../records/call-record.ts';
import {
  type ErasureReason,
  type ErasureRequest,
  readTombstone,
  type Tombstone,
  type TombstoneResult,
} from '../records/tombstone.ts';
import { readReceipt } from '../records/upload-receipt.ts';
import type { DataDirectory } from '../storage/data-directory.ts';
import { tombstoneName } from '../storage/file-names.ts';
import { CallLocations } from './call-locations.ts';
import { CatalogueScrub } from './catalogue-scrub.ts';
import {
  type CallErasure,
  ErasureExecution,
  type FinalizationControl,
  type JournalHolders,
} from './erasure-execution.ts';

/** Writes tombstones while no other process changes a `.json`. */
export interface TombstoneWriter {
  createTombstone(directories: LockedDirectories, request: ErasureRequest): Promise<TombstoneResult>;
}

export interface CallEraserOptions {
  readonly directories: DataDirectory;
  readonly worker: TombstoneWriter;
  readonly holders: JournalHolders;
  readonly finalizer: FinalizationControl;
  readonly catalogue?: Catalogue | undefined;
  readonly store?: ObjectStore | undefined;
  readonly log: Log;
  readonly clock: Clock;
}

/**
 * Erases calls with all their files and entries. A tombstone of each is on disk until the last of it is removed, so that
 * an erasure that is interrupted, or finds the object store or the database down, is resumed.
 */
export class CallEraser {
  readonly #options: CallEraserOptions;
  readonly #locations: CallLocations;
  readonly #execution: ErasureExecution;
  readonly #scrub: CatalogueScrub;
  /** Concurrent requests for the same call share one result: two receipts would each contain a part. */
  readonly #requests = new Map<string, Promise<CallErasure>>();
  readonly #executions = new Map<string, Promise<CallErasure>>();

  constructor(options: CallEraserOptions) {
    const { directories, catalogue, store, log } = options;
    this.#options = options;
    this.#locations = new CallLocations(directories);
    this.#scrub = new CatalogueScrub(directories, catalogue, log);
    const { holders, finalizer, clock } = options;
    const locations = this.#locations;
    this.#execution = new ErasureExecution(
      { directories, locations, holders, finalizer, catalogue, store, log, clock },
      this.#scrub,
    );
  }

  /** Rejects with `CatalogueDown`, and has done nothing, if it is unknown whether the call exists. */
  async erase(callSid: string, reason: ErasureReason): Promise<CallErasure> {
    const erasure = await this.#eraseOnce(callSid, reason);
    await this.#scrub.run();
    return erasure;
  }

  /** Erases calls one after another. `progress` receives the number of calls that are done. */
  async eraseSome(
    callSids: readonly string[],
    reason: ErasureReason,
    progress?: (done: number, of: number) => void,
  ): Promise<ReadonlyMap<string, CallErasure>> {
    const erasures = new Map<string, CallErasure>();
    for (const callSid of callSids) {
      progress?.(erasures.size, callSids.length);
      erasures.set(callSid, await this.#eraseOnce(callSid, reason));
    }
    progress?.(erasures.size, callSids.length);
    await this.#scrub.run();
    return erasures;
  }

  /**
   * Erases what this directory has of a call that is erased at all machines, whatever the catalogue says, and also an unfinished journal
   * of a process that has ended.
   */
  async eraseHere(callSid: string): Promise<CallErasure> {
    if (await this.#isLive(callSid)) return { outcome: 'live' };
    const erasure = await shared(this.#requests, callSid, () => this.#erase(callSid, 'asked', 'here'));
    await this.#scrub.run();
    return erasure;
  }

  /** What this directory has of a call. `live`: a process writes its journal. */
  async stateHere(callSid: string): Promise<'absent' | 'here' | 'live' | 'held'> {
    if (await this.#isLive(callSid)) return 'live';
    if (readCallRecord(this.#options.directories.recordings, callSid)?.hold) return 'held';
    const isHere = this.#locations.hasAny(callSid) || this.#options.directories.isBeingErased(callSid);
    return isHere ? 'here' : 'absent';
  }

  /** Resumes erasures that this or another process began. */
  async resumeInterrupted(): Promise<void> {
    const { directories, holders } = this.#options;
    for (const callSid of directories.callsBeingErased()) {
      const tombstone = readTombstone(directories.erasing, callSid);
      // Nothing was removed before the tombstone was complete.
      if (!tombstone) rmSync(path.join(directories.erasing, tombstoneName(callSid)), { force: true });
      else if (!(await holders.isHeldElsewhere(callSid))) await this.#execute(tombstone);
    }
    await this.#scrub.run();
  }

  #eraseOnce(callSid: string, reason: ErasureReason): Promise<CallErasure> {
    return shared(this.#requests, callSid, () => this.#erase(callSid, reason, 'all'));
  }

  #execute(tombstone: Tombstone): Promise<CallErasure> {
    return shared(this.#executions, tombstone.callSid, () => this.#execution.run(tombstone));
  }

  /** `where`: the whole call, or what this directory has of it. */
  async #erase(callSid: string, reason: ErasureReason, where: 'all' | 'here'): Promise<CallErasure> {
    const { directories, catalogue, worker, clock } = this.#options;
    const wasBegun = directories.isBeingErased(callSid);
    const files = this.#locations.existingFiles(callSid);
    const entry = where === 'all' ? await catalogue?.get(callSid) : undefined;
    const refusal = where === 'all' ? this.#refusal(callSid, entry) : this.#refusalHere(callSid);
    if (refusal) return { outcome: refusal };
    const urls = await this.#knownUrls(callSid, entry);
    const atMs = Math.round(clock.now());
    const request = { callSid, because: reason, atMs, urls, files, hadEntry: entry !== undefined, wasBegun };
    const tombstone = await worker.createTombstone(this.#directories(), request);
    if (tombstone === 'held') return { outcome: 'held' };
    return tombstone === 'gone' ? { outcome: 'no-such-call' } : this.#execute(tombstone);
  }

  #refusal(callSid: string, entry: CatalogueEntry | undefined): 'live' | 'held' | 'no-such-call' | undefined {
    const { directories } = this.#options;
    if (!directories.isFinished(callSid) && !directories.isBeingErased(callSid)) {
      const isHere = this.#locations.activeJournals(callSid).length > 0;
      const isUnwritten = directories.unwritten.has(callSid);
      if (isHere || (entry && entry.state !== 'finished' && !isUnwritten)) return 'live';
      if (!entry && !this.#locations.hasAny(callSid)) return 'no-such-call';
      if (entry?.hold) return 'held';
    }
    // An unreadable `.json` does not remove a hold.
    return entry?.hold && !readCallRecord(directories.recordings, callSid) ? 'held' : undefined;
  }

  #refusalHere(callSid: string): 'no-such-call' | undefined {
    const isHere = this.#locations.hasAny(callSid) || this.#options.directories.isBeingErased(callSid);
    return isHere ? undefined : 'no-such-call';
  }

  /** Whether a process that lives has the journal of the call, and not in order to write its files. */
  async #isLive(callSid: string): Promise<boolean> {
    const { holders, finalizer } = this.#options;
    if (finalizer.isClaimed(callSid)) return false;
    for (const journal of this.#locations.activeJournals(callSid))
      if (await holders.isHeld(journal)) return true;
    return false;
  }

  async #knownUrls(callSid: string, entry: CatalogueEntry | undefined): Promise<string[]> {
    const receipt = await readReceipt(this.#options.directories.receipts, callSid);
    return [...(entry?.files ?? []), ...(receipt?.files ?? [])].flatMap(({ url }) => url ?? []);
  }

  #directories(): LockedDirectories {
    const { recordings: directory, temporary, erasing, lock } = this.#options.directories;
    return { directory, temporary, erasing, lock };
  }
}

/** Runs the work once for all callers that want it at the same time. */
function shared<T>(running: Map<string, Promise<T>>, name: string, work: () => Promise<T>): Promise<T> {
  const begun = running.get(name);
  if (begun) return begun;
  const done = work().finally(() => running.delete(name));
  running.set(name, done);
  return done;
}
