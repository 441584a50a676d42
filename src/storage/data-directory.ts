import { chmodSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { createDirectory, isDirectory } from './directories.ts';
import { CALL_RECORD_NAME, callRecordName, tombstoneName } from './file-names.ts';
import { UnwrittenCalls } from './unwritten-calls.ts';

const JOURNAL_NAME = /^(CA[0-9a-f]{32})\.([0-9a-f-]{36})\.journal$/iu;
const CONDEMNED_NAME = /^(CA[0-9a-f]{32})\.json$/iu;
const OWNERLESS_NAME = /^(CA[0-9a-f]{32})\.journal$/iu;
const STATE = '.offhook';
/** Journals and the catalogue hold what was said: other users may not enter, whatever the umask. */
const PRIVATE_FOLDER = 0o700;
/** A file that is being made is written to all the time. */
const NOBODY_WRITES_MS = 3_600_000;

export interface JournalFile {
  readonly callSid: string;
  /** The process that wrote it last; absent where it let go of it. */
  readonly owner?: string;
  readonly path: string;
}

/** The working state inside the recordings folder: one folder is one installation. */
export class DataDirectory {
  readonly recordings: string;
  readonly state: string;
  readonly journals: string;
  readonly kept: string;
  /** Calls that are over and lack a text that no service here can give. */
  readonly pending: string;
  /** Of those that are over, the ones whose files cannot be written. */
  readonly unwritten: UnwrittenCalls;
  readonly processes: string;
  readonly temporary: string;
  /** A name for each call that the catalogue does not hold whole. */
  readonly pendingIndex: string;
  /** What the store was proved to hold, and what it needs to go on with an upload. Made when there is a store. */
  readonly receipts: string;
  readonly uploads: string;
  /** A record of each call that is being erased. */
  readonly erasing: string;
  /** Locked by whoever writes a call's `.json`. */
  readonly lock: string;

  /** Whether calls lie or have lain in a folder. */
  static exists(recordings: string): boolean {
    if (!isDirectory(recordings)) return false;
    return (
      isDirectory(path.join(recordings, STATE)) ||
      readdirSync(recordings).some((name) => CALL_RECORD_NAME.test(name))
    );
  }

  /** `recordings`: absolute. Makes what is not there; throws where it may not. */
  constructor(recordings: string) {
    this.recordings = recordings;
    this.state = path.join(recordings, STATE);
    this.journals = path.join(this.state, 'journals');
    this.kept = path.join(this.state, 'kept');
    this.pending = path.join(this.state, 'waiting');
    this.processes = path.join(this.state, 'owners');
    this.temporary = path.join(this.state, 'aside');
    this.pendingIndex = path.join(this.state, 'to-enter');
    this.receipts = path.join(this.state, 'stored');
    this.uploads = path.join(this.state, 'uploads');
    this.erasing = path.join(this.state, 'erasing');
    this.lock = path.join(this.state, 'lock');
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

  activeJournals(): JournalFile[] {
    const found: JournalFile[] = [];
    for (const name of readdirSync(this.journals)) {
      const parts = JOURNAL_NAME.exec(name);
      if (parts) found.push({ callSid: parts[1]!, owner: parts[2]!, path: path.join(this.journals, name) });
    }
    return found;
  }

  pendingPath(callSid: string): string {
    return path.join(this.pending, `${callSid}.journal`);
  }

  pendingJournals(): JournalFile[] {
    return ownerlessIn(this.pending);
  }

  keptJournals(): JournalFile[] {
    return ownerlessIn(this.kept);
  }

  /** Whether a call's files are there: its `.json` comes last. */
  isFinished(callSid: string): boolean {
    return existsSync(path.join(this.recordings, callRecordName(callSid)));
  }

  /** Whether a call is being erased: whoever finds something of it removes that, or leaves it alone. */
  isBeingErased(callSid: string): boolean {
    return existsSync(path.join(this.erasing, tombstoneName(callSid)));
  }

  /** Calls whose erasing has begun. */
  callsBeingErased(): string[] {
    if (!existsSync(this.erasing)) return [];
    return readdirSync(this.erasing).flatMap((name) => CONDEMNED_NAME.exec(name)?.[1] ?? []);
  }

  /** Calls whose files are there. */
  finishedCalls(): string[] {
    return readdirSync(this.recordings).flatMap((name) => CALL_RECORD_NAME.exec(name)?.[1] ?? []);
  }

  /** When a journal was last written, epoch milliseconds; undefined where it is gone. */
  writtenAtMs(journal: JournalFile): number | undefined {
    return statSync(journal.path, { throwIfNoEntry: false })?.mtimeMs;
  }

  /** Removes what processes that were killed had not completed, `atMs` being now. */
  removeAbandonedTemporaryFiles(atMs: number): void {
    for (const name of readdirSync(this.temporary)) {
      const file = path.join(this.temporary, name);
      const writtenAtMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? atMs;
      if (atMs - writtenAtMs > NOBODY_WRITES_MS) rmSync(file, { force: true });
    }
  }

  /** Puts a journal that holds no call out of the way, as it is. */
  setAsideUnreadable(callSid: string, journal: string): void {
    renameSync(journal, this.keptPath(callSid));
  }

  /**
   * Makes a journal that no living process holds ours; undefined where another was faster, or where we are writing one
   * of the same call already, which a rename would destroy.
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

/** Folders of earlier versions were open to all. Where another user owns the folder, `doctor` tells what to do. */
function makePrivate(folder: string): void {
  if ((statSync(folder).mode & 0o077) === 0) return;
  try {
    chmodSync(folder, PRIVATE_FOLDER);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
}

function ownerlessIn(folder: string): JournalFile[] {
  return readdirSync(folder).flatMap((name) => {
    const parts = OWNERLESS_NAME.exec(name);
    return parts ? [{ callSid: parts[1]!, path: path.join(folder, name) }] : [];
  });
}
