import { chmodSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { removeUnfinished } from './durable-file.ts';
import { createDirectory, isDirectory } from './directories.ts';
import { isUnsupported } from './file-system-errors.ts';
import { CALL_RECORD_NAME, callRecordName, tombstoneName } from './file-names.ts';
import { UnwrittenCalls } from './unwritten-calls.ts';

const JOURNAL_NAME = /^(CA[0-9a-f]{32})\.([0-9a-f-]{36})\.journal$/iu;
const TOMBSTONE_NAME = /^(CA[0-9a-f]{32})\.json$/iu;
const OWNERLESS_NAME = /^(CA[0-9a-f]{32})\.journal$/iu;
const STATE = '.offhook';
const TEMPORARY = 'aside';
/** Journals and the catalogue contain what was said: other users have no access, whatever the umask. */
const PRIVATE_FOLDER = 0o700;
/** A file that is being written changes more often than this. */
const ABANDONED_AFTER_MS = 3_600_000;

export interface JournalFile {
  readonly callSid: string;
  /** The process that wrote it last; absent if that process has released it. */
  readonly owner?: string;
  readonly path: string;
}

/** The paths of one installation: the recordings directory and the working state inside it. */
export class DataDirectory {
  readonly recordings: string;
  readonly state: string;
  readonly journals: string;
  readonly kept: string;
  /** Journals of ended calls that lack a text that no configured service can provide, or whose files cannot be written. */
  readonly pending: string;
  /** Ended calls whose files could not be written. */
  readonly unwritten: UnwrittenCalls;
  /** Journals of calls that another machine has gone on with. They may have audio that it does not have. */
  readonly outdated: string;
  readonly processes: string;
  readonly temporary: string;
  /** One file for each call that is not completely in the catalogue. */
  readonly pendingIndex: string;
  /** Upload receipts, and the state of unfinished uploads. Created when an object store is configured. */
  readonly receipts: string;
  readonly uploads: string;
  /** A tombstone of each call that is being erased. */
  readonly erasing: string;
  /** Locked while a call's `.json` is written. */
  readonly lock: string;
  /** Erasures and holds that directories of other machines have not confirmed. Created with the first one. */
  readonly tasks: string;

  /** Whether a directory contains calls, or has contained some. */
  static exists(recordings: string): boolean {
    if (!isDirectory(recordings)) return false;
    return (
      isDirectory(path.join(recordings, STATE)) ||
      readdirSync(recordings).some((name) => CALL_RECORD_NAME.test(name))
    );
  }

  /** The working state inside a recordings directory. */
  static stateOf(recordings: string): string {
    return path.join(recordings, STATE);
  }

  /** Where incomplete files are, inside a recordings directory. */
  static temporaryOf(recordings: string): string {
    return path.join(recordings, STATE, TEMPORARY);
  }

  /** The file with what was learned of the servers of the services. */
  static serverProfiles(recordings: string): string {
    return path.join(recordings, STATE, 'services.json');
  }

  /** The file with the key that signs the cookies of known browsers. */
  static browserKey(recordings: string): string {
    return path.join(recordings, STATE, 'browser.key');
  }

  /** `recordings`: absolute. Creates missing directories; throws if that is not permitted. */
  constructor(recordings: string) {
    this.recordings = recordings;
    this.state = path.join(recordings, STATE);
    this.journals = path.join(this.state, 'journals');
    this.kept = path.join(this.state, 'kept');
    this.pending = path.join(this.state, 'waiting');
    this.outdated = path.join(this.state, 'outdated');
    this.processes = path.join(this.state, 'owners');
    this.temporary = path.join(this.state, TEMPORARY);
    this.pendingIndex = path.join(this.state, 'to-enter');
    this.receipts = path.join(this.state, 'stored');
    this.uploads = path.join(this.state, 'uploads');
    this.erasing = path.join(this.state, 'erasing');
    this.lock = path.join(this.state, 'lock');
    this.tasks = path.join(this.state, 'tasks');
    createDirectory(recordings);
    createDirectory(this.state, PRIVATE_FOLDER);
    makePrivate(this.state);
    for (const folder of [
      this.journals,
      this.kept,
      this.pending,
      this.processes,
      this.temporary,
      this.pendingIndex,
      this.erasing,
    ])
      createDirectory(folder);
    this.unwritten = new UnwrittenCalls(this.pending, this.temporary);
  }

  journalPath(callSid: string, owner: string): string {
    return path.join(this.journals, `${callSid}.${owner}.journal`);
  }

  keptPath(callSid: string): string {
    return path.join(this.kept, `${callSid}.journal`);
  }

  /** Journals that processes write, or one call's. */
  activeJournals(callSid = ''): JournalFile[] {
    const found: JournalFile[] = [];
    for (const name of readdirSync(this.journals)) {
      if (!name.startsWith(callSid)) continue;
      const parts = JOURNAL_NAME.exec(name);
      if (parts) found.push({ callSid: parts[1]!, owner: parts[2]!, path: path.join(this.journals, name) });
    }
    return found;
  }

  pendingPath(callSid: string): string {
    return path.join(this.pending, `${callSid}.journal`);
  }

  /** Where a journal is kept that is not its call's latest one. */
  outdatedPath(journal: string): string {
    createDirectory(this.outdated);
    return path.join(this.outdated, path.basename(journal));
  }

  /** Outdated journals of one call. */
  outdatedJournals(callSid: string): string[] {
    const names = existsSync(this.outdated) ? readdirSync(this.outdated) : [];
    return names.filter((name) => name.startsWith(callSid)).map((name) => path.join(this.outdated, name));
  }

  /** Removes outdated journals that were last written before `beforeMs`. Returns how many remain. */
  removeOutdatedBefore(beforeMs: number): number {
    const names = existsSync(this.outdated) ? readdirSync(this.outdated) : [];
    const files = names.map((name) => path.join(this.outdated, name));
    const old = files.filter((file) => (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) < beforeMs);
    for (const file of old) rmSync(file, { force: true });
    return files.length - old.length;
  }

  pendingJournals(): JournalFile[] {
    return ownerlessIn(this.pending);
  }

  keptJournals(): JournalFile[] {
    return ownerlessIn(this.kept);
  }

  /** Whether a call's files exist: its `.json` is written last. */
  isFinished(callSid: string): boolean {
    return existsSync(path.join(this.recordings, callRecordName(callSid)));
  }

  /** Whether a call is being erased: nothing of it may be written or resumed. */
  isBeingErased(callSid: string): boolean {
    return existsSync(path.join(this.erasing, tombstoneName(callSid)));
  }

  /** Calls with a tombstone. */
  callsBeingErased(): string[] {
    if (!existsSync(this.erasing)) return [];
    return readdirSync(this.erasing).flatMap((name) => TOMBSTONE_NAME.exec(name)?.[1] ?? []);
  }

  /** Calls whose files exist. */
  finishedCalls(): string[] {
    return readdirSync(this.recordings).flatMap((name) => CALL_RECORD_NAME.exec(name)?.[1] ?? []);
  }

  /** When a journal was last written, epoch milliseconds; undefined if it no longer exists. */
  writtenAtMs(journal: JournalFile): number | undefined {
    return statSync(journal.path, { throwIfNoEntry: false })?.mtimeMs;
  }

  /** Removes incomplete files of killed processes. `atMs`: now. */
  removeAbandonedTemporaryFiles(atMs: number): void {
    for (const name of readdirSync(this.temporary)) {
      const file = path.join(this.temporary, name);
      const writtenAtMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? atMs;
      if (atMs - writtenAtMs > ABANDONED_AFTER_MS) rmSync(file, { force: true });
    }
  }

  /** Removes the incomplete recording of a call whose process was killed. */
  removeIncompleteRecording(callSid: string): void {
    removeUnfinished(this.temporary, `call_${callSid}_conversation.`);
  }

  /** Moves a journal that holds no call to the kept journals. */
  setAsideUnreadable(callSid: string, journal: string): void {
    renameSync(journal, this.keptPath(callSid));
  }

  /**
   * Claims a journal that no live process holds. Undefined if another process claimed it first, or if this process
   * already writes a journal of the same call, which the rename would destroy.
   */
  claim(journal: JournalFile, owner: string): string | undefined {
    const target = this.journalPath(journal.callSid, owner);
    if (existsSync(target)) return undefined;
    try {
      renameSync(journal.path, target);
      return target;
    } catch {
      return undefined;
    }
  }
}

/**
 * Directories of earlier versions were readable by all. If another user owns one, or the file system has no permissions,
 * `doctor` says what to do.
 */
function makePrivate(folder: string): void {
  if ((statSync(folder).mode & 0o077) === 0) return;
  try {
    chmodSync(folder, PRIVATE_FOLDER);
  } catch (error) {
    if (!isUnsupported(error)) throw error;
  }
}

function ownerlessIn(folder: string): JournalFile[] {
  return readdirSync(folder).flatMap((name) => {
    const parts = OWNERLESS_NAME.exec(name);
    return parts ? [{ callSid: parts[1]!, path: path.join(folder, name) }] : [];
  });
}
