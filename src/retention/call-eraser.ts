import { appendFileSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { AUDIO_FORMATS } from '../audio/formats/formats.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Log } from '../log.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import type { LockedDirectories } from '../records/annotations.ts';
import { readCallRecord } from '../records/call-record.ts';
import type { Erasure } from '../records/erasure.ts';
import { recordingName } from '../records/render-recording.ts';
import {
  type ErasureReason,
  type ErasureRequest,
  readTombstone,
  type Tombstone,
  type TombstoneResult,
} from '../records/tombstone.ts';
import { readReceipt, removeReceipt } from '../records/upload-receipt.ts';
import type { OrphanedJournals } from '../recovery/orphaned-journals.ts';
import type { DataDirectory } from '../storage/data-directory.ts';
import { syncDirectory } from '../storage/durable-file.ts';
import { callRecordName, tombstoneName } from '../storage/file-names.ts';

/** A process that still awaits texts of the call looks that often for what is to be erased, and some more. */
const HOLDER_ERASES_WITHIN_MS = 45_000;
const LOOK_MS = 200;

/** What became of one call; it names files and addresses, and nothing of who called or what was said. */
export interface ErasureReceipt {
  readonly callSid: string;
  readonly because: ErasureReason;
  readonly askedAt: string;
  readonly files: readonly string[];
  readonly remote: readonly string[];
  readonly catalogue: 'removed' | 'had no entry';
  /** What could not be removed yet; absent: everything is gone. */
  readonly left?: readonly string[];
}

export type CallErasure = Erasure<ErasureReceipt>;

/** Writes tombstones while no other process changes a `.json`. */
export interface TombstoneWriter {
  createTombstone(directories: LockedDirectories, request: ErasureRequest): Promise<TombstoneResult>;
}

/** Stops the finalization of a call that is being erased. */
export interface FinalizationControl {
  abandon(callSid: string): Promise<void>;
}

export interface CallEraserOptions {
  readonly folders: DataDirectory;
  readonly pool: TombstoneWriter;
  readonly leftBehind: Pick<OrphanedJournals, 'isHeldElsewhere'>;
  readonly afterwards: FinalizationControl;
  readonly catalogue?: Catalogue;
  readonly store?: ObjectStore;
  readonly log: Log;
  readonly now: () => number;
}

/**
 * Removes calls with everything of them. A record of each lies on disk until the last of it is gone, so that whoever is
 * interrupted, or finds the store or the database down, goes on later.
 */
export class CallEraser {
  readonly #parts: CallEraserOptions;
  /** Whoever else asks for the same meanwhile is told the same: of two receipts each would hold a part. */
  readonly #asked = new Map<string, Promise<CallErasure>>();
  readonly #carriedOut = new Map<string, Promise<CallErasure>>();

  constructor(parts: CallEraserOptions) {
    this.#parts = parts;
  }

  /** Rejects with `CatalogueDown`, having done nothing, where it cannot be known whether there is such a call. */
  async erase(callSid: string, because: ErasureReason): Promise<CallErasure> {
    const erasure = await this.#eraseOnce(callSid, because);
    await this.#scrub();
    return erasure;
  }

  /** One after another, and what became of each; `progress` is told how many are done. */
  async eraseSome(
    callSids: readonly string[],
    because: ErasureReason,
    progress?: (done: number, of: number) => void,
  ): Promise<ReadonlyMap<string, CallErasure>> {
    const outcomes = new Map<string, CallErasure>();
    for (const callSid of callSids) {
      progress?.(outcomes.size, callSids.length);
      outcomes.set(callSid, await this.#eraseOnce(callSid, because));
    }
    progress?.(outcomes.size, callSids.length);
    await this.#scrub();
    return outcomes;
  }

  #eraseOnce(callSid: string, because: ErasureReason): Promise<CallErasure> {
    return shared(this.#asked, callSid, () => this.#erase(callSid, because));
  }

  async #erase(callSid: string, because: ErasureReason): Promise<CallErasure> {
    const { folders, catalogue, pool } = this.#parts;
    const wasBegun = folders.isBeingErased(callSid);
    const files = this.#ownFiles(callSid).filter((name) => existsSync(path.join(folders.recordings, name)));
    const entry = await catalogue?.get(callSid);
    if (!folders.isFinished(callSid) && !folders.isBeingErased(callSid)) {
      const isHere = this.#journals(callSid).length > 0;
      const isUnwritten = folders.unwritten.has(callSid);
      if (isHere || (entry && entry.state !== 'finished' && !isUnwritten)) return { outcome: 'live' };
      if (!entry && !this.#paths(callSid).some((file) => existsSync(file)))
        return { outcome: 'no-such-call' };
      if (entry?.hold) return { outcome: 'held' };
    }
    // A file that cannot be read takes no hold away.
    if (entry?.hold && !readCallRecord(folders.recordings, callSid)) return { outcome: 'held' };
    const known = entry?.files.flatMap(({ url }) => url ?? []) ?? [];
    const mark = await readReceipt(folders.receipts, callSid);
    const urls = [...known, ...(mark?.files.flatMap(({ url }) => url ?? []) ?? [])];
    const atMs = Math.round(this.#parts.now());
    const what = { callSid, because, atMs, urls, files, hadEntry: entry !== undefined, wasBegun };
    const record = await pool.createTombstone(this.#folder(), what);
    if (record === 'held') return { outcome: 'held' };
    return record === 'gone' ? { outcome: 'no-such-call' } : this.#carryOutOnce(record);
  }

  /** Goes on with what was begun and interrupted, by whichever process. */
  async goOn(): Promise<void> {
    const { folders } = this.#parts;
    for (const callSid of folders.callsBeingErased()) {
      const record = readTombstone(folders.erasing, callSid);
      // Before it was complete nothing had been removed.
      if (!record) rmSync(path.join(folders.erasing, tombstoneName(callSid)), { force: true });
      else if (!(await this.#parts.leftBehind.isHeldElsewhere(callSid))) await this.#carryOutOnce(record);
    }
    await this.#scrub();
  }

  #carryOutOnce(record: Tombstone): Promise<CallErasure> {
    return shared(this.#carriedOut, record.callSid, () => this.#carryOut(record));
  }

  async #carryOut(record: Tombstone): Promise<CallErasure> {
    const { callSid, because, atMs } = record;
    const { folders, log } = this.#parts;
    const askedAt = new Date(atMs).toISOString();
    await this.#parts.afterwards.abandon(callSid);
    if (!(await this.#letGo(callSid))) {
      const left = ['the process that still awaits texts of the call'];
      const begun = { files: this.#goneOf(record), remote: [], catalogue: 'had no entry' as const };
      return { outcome: 'under-way', receipt: { callSid, because, askedAt, ...begun, left } };
    }
    const removed = this.#removeFiles(callSid);
    const files = [...new Set([...this.#goneOf(record), ...removed])];
    const left: string[] = [];
    const tryTo = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
      try {
        return await work();
      } catch (error) {
        left.push(what);
        log.warn({ callSid, err: error }, 'erasing a call had trouble and goes on later');
        return undefined;
      }
    };
    const remote: string[] = [];
    for (const url of record.urls) if (await tryTo(url, () => this.#removeRemote(url))) remote.push(url);
    const hadEntry = await tryTo(
      'catalogue',
      async () => (await this.#removeEntry(callSid)) || record.hadEntry,
    );
    const receipt: ErasureReceipt = {
      ...{ callSid, because, askedAt, files, remote },
      catalogue: hadEntry ? 'removed' : 'had no entry',
      ...(left.length > 0 && { left }),
    };
    if (left.length > 0) return { outcome: 'under-way', receipt };
    await removeReceipt(folders.receipts, callSid);
    this.#note(record, files.length + remote.length);
    rmSync(path.join(folders.erasing, tombstoneName(callSid)), { force: true });
    syncDirectory(folders.erasing);
    return { outcome: 'erased', receipt };
  }

  /** False where another living process holds the call's journal and has not erased the call in good time. */
  async #letGo(callSid: string): Promise<boolean> {
    const untilMs = this.#parts.now() + HOLDER_ERASES_WITHIN_MS;
    while (await this.#parts.leftBehind.isHeldElsewhere(callSid)) {
      if (this.#parts.now() > untilMs) return false;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return true;
  }

  #journals(callSid: string) {
    return this.#parts.folders.activeJournals().filter((found) => found.callSid === callSid);
  }

  /** Of the files that were there when it began: another process may have removed some. */
  #goneOf({ files }: Tombstone): string[] {
    return files.filter((name) => !existsSync(path.join(this.#parts.folders.recordings, name)));
  }

  /** The names that a call's files may have. */
  #ownFiles(callSid: string): string[] {
    const texts = ['.txt', '_summary.txt'].map((end) => `call_${callSid}${end}`);
    const recordings = AUDIO_FORMATS.map((format) => recordingName(callSid, format));
    return [...texts, ...recordings, callRecordName(callSid)];
  }

  /** Every place on this disk where something of a call may lie. */
  #paths(callSid: string): string[] {
    const { folders } = this.#parts;
    const here = this.#ownFiles(callSid).map((name) => path.join(folders.recordings, name));
    // But the record that another process is just writing.
    const aside = readdirSync(folders.temporary).filter(
      (name) => name.includes(callSid) && !name.startsWith(tombstoneName(callSid)),
    );
    return [
      ...here,
      ...this.#journals(callSid).map((found) => found.path),
      ...[folders.keptPath(callSid), folders.pendingPath(callSid), path.join(folders.pendingIndex, callSid)],
      folders.unwritten.pathOf(callSid),
      ...aside.map((name) => path.join(folders.temporary, name)),
    ];
  }

  #removeFiles(callSid: string): string[] {
    const { folders } = this.#parts;
    const found = this.#paths(callSid).filter((file) => statSync(file, { throwIfNoEntry: false }));
    for (const file of found) rmSync(file, { force: true });
    const { recordings, journals, kept, pending: waiting } = folders;
    for (const folder of [recordings, journals, kept, waiting]) syncDirectory(folder);
    return found.map((file) => path.relative(recordings, file));
  }

  #removeRemote(url: string): Promise<boolean> {
    const { store } = this.#parts;
    if (!store) throw new Error('the store that holds the file is not configured: set RECORDINGS_STORE');
    return store.remove(url);
  }

  async #removeEntry(callSid: string): Promise<boolean> {
    writeFileSync(this.#unscrubbed, '');
    return (await this.#parts.catalogue?.remove(callSid)) ?? false;
  }

  /** Says that the database's files hold something of what was removed from it. */
  get #unscrubbed(): string {
    return path.join(this.#parts.folders.erasing, 'to-scrub');
  }

  async #scrub(): Promise<void> {
    const { catalogue, log } = this.#parts;
    if (!existsSync(this.#unscrubbed)) return;
    try {
      const isClean = (await catalogue?.scrub?.()) ?? true;
      if (isClean) rmSync(this.#unscrubbed, { force: true });
      else log.info('the database is being read; its files are cleared of what was removed later');
    } catch (error) {
      log.warn({ err: error }, 'the database could not be cleared of what was removed; that is done later');
    }
  }

  /** What was removed when and why, without a word of what it was. */
  #note({ callSid, because, atMs }: Tombstone, pieces: number): void {
    const { folders, log, now } = this.#parts;
    const at = new Date(now()).toISOString();
    const line = { at, callSid, because, askedAt: new Date(atMs).toISOString(), pieces };
    appendFileSync(path.join(folders.state, 'removed.log'), `${JSON.stringify(line)}\n`);
    log.info(line, 'a call was removed with everything of it');
  }

  #folder() {
    const { recordings: directory, temporary, erasing, lock } = this.#parts.folders;
    return { directory, temporary, erasing, lock };
  }
}

/** The work on something, done once for all who want it at the same time. */
function shared<T>(running: Map<string, Promise<T>>, name: string, work: () => Promise<T>): Promise<T> {
  const begun = running.get(name);
  if (begun) return begun;
  const done = work().finally(() => running.delete(name));
  running.set(name, done);
  return done;
}
