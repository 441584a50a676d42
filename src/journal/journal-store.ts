import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { CallEvent } from '../events/call-events.ts';
import type { DataDirectory } from '../storage/data-directory.ts';
import { threadScript } from '../storage/package-files.ts';
import { Journal, type JournalOwner } from './journal.ts';
import { encodeRecord } from './record-codec.ts';
import type { FromJournalThread, ToJournalThread } from './writer-thread.ts';

/** What waits for a stalled or full disk, all calls together. Beyond it sound is left out, and the alarm says so. */
const BACKLOG_BYTES = 256 * 1024 * 1024;
/** A journal that the disk has not taken by then is not on disk; whoever waits is told. */
const WRITTEN_WITHIN_ROUNDS = 50;

export interface JournalFigures {
  readonly open: number;
  readonly backlogBytes: number;
  /** How long the last write and the last sweep of syncs took from our side. */
  readonly writeLagMs: number;
  readonly syncLagMs: number;
  readonly lostEvents: number;
  readonly error: string | undefined;
}

/**
 * All journals of this process. Events are gathered here and go to the writing thread every round; another thread
 * syncs them to the disk. Nothing here waits for the disk.
 */
export class JournalStore implements JournalOwner {
  readonly #folders: DataDirectory;
  readonly #now: () => number;
  readonly #mostWaitingBytes: number;
  readonly #writer: Worker;
  readonly #syncer: Worker;
  readonly #threadsRun: Promise<unknown>;
  readonly #open = new Map<number, Journal>();
  /** Files that were closed since the last sweep of syncs. */
  readonly #unsynced = new Set<string>();
  readonly #roundsUnderWay = new Map<number, { readonly sinceMs: number; readonly bytes: number }>();
  #ids = 0;
  #round = 0;
  #gathered: { id: number; bytes: Buffer }[] = [];
  #gatheredBytes = 0;
  /** Handed to the writing thread and not answered for; and what the disk has not taken of what was. */
  #underWayBytes = 0;
  #backlogBytes = 0;
  #writeLagMs = 0;
  #syncLagMs = 0;
  #syncingSinceMs: number | undefined;
  #lostEvents = 0;
  #error: string | undefined;

  /** `now`: a monotonic clock in milliseconds. */
  constructor(folders: DataDirectory, now: () => number, mostWaitingBytes = BACKLOG_BYTES) {
    this.#folders = folders;
    this.#now = now;
    this.#mostWaitingBytes = mostWaitingBytes;
    this.#writer = journalThread('write');
    this.#syncer = journalThread('sync');
    this.#threadsRun = Promise.all([once(this.#writer, 'message'), once(this.#syncer, 'message')]);
    this.#writer.on('message', (message: FromJournalThread) => this.#hear(message));
    this.#syncer.on('message', (message: FromJournalThread) => this.#hear(message));
  }

  /** Resolves when the threads run: before that nothing comes to the disk. Rejects where they cannot run. */
  async begin(): Promise<void> {
    await this.#threadsRun;
  }

  get figures(): JournalFigures {
    const [oldest] = this.#roundsUnderWay.values();
    const stalledMs = oldest ? this.#now() - oldest.sinceMs : 0;
    return {
      open: this.#open.size,
      backlogBytes: this.#waitingBytes,
      writeLagMs: Math.max(this.#writeLagMs, stalledMs),
      syncLagMs: Math.max(
        this.#syncLagMs,
        this.#syncingSinceMs === undefined ? 0 : this.#now() - this.#syncingSinceMs,
      ),
      lostEvents: this.#lostEvents,
      error: this.#error,
    };
  }

  create(callSid: string, owner: string): Journal {
    return this.#add(this.#folders.journalPath(callSid, owner), callSid, true);
  }

  /** Goes on with a journal that is ours by now; a torn tail is cut off first. */
  takeUp(path: string, callSid: string): Journal {
    return this.#add(path, callSid, false);
  }

  /** Hands everything gathered to the writing thread; to be called about every 100 ms. */
  flush(): void {
    const waits =
      this.#backlogBytes > 0 || [...this.#open.values()].some((journal) => journal.waiters.length > 0);
    if (this.#gathered.length === 0 && !waits) return;
    const bytes = new Uint8Array(this.#gatheredBytes);
    // Numbers travel between threads at a fraction of what objects cost.
    const entries = new Uint32Array(2 * this.#gathered.length);
    let at = 0;
    this.#gathered.forEach((record, index) => {
      bytes.set(record.bytes, at);
      at += record.bytes.length;
      entries[2 * index] = record.id;
      entries[2 * index + 1] = record.bytes.length;
    });
    this.#gathered = [];
    this.#gatheredBytes = 0;
    this.#round += 1;
    this.#roundsUnderWay.set(this.#round, { sinceMs: this.#now(), bytes: bytes.length });
    this.#underWayBytes += bytes.length;
    this.#tell(this.#writer, { kind: 'write', round: this.#round, entries, bytes }, [
      bytes.buffer,
      entries.buffer,
    ]);
  }

  /** Has everything synced that was written; to be called every second. A sweep under way is not joined by another. */
  sync(): void {
    if (this.#syncingSinceMs !== undefined) return;
    const files = [...this.#open.values()].flatMap((journal) => (journal.takeDirty() ? [journal.file!] : []));
    const paths = [...this.#unsynced];
    this.#unsynced.clear();
    if (files.length === 0 && paths.length === 0) return;
    this.#syncingSinceMs = this.#now();
    this.#tell(this.#syncer, { kind: 'sync', round: this.#round, files, paths });
  }

  async end(): Promise<void> {
    await Promise.all([this.#writer.terminate(), this.#syncer.terminate()]);
  }

  gather(id: number, event: CallEvent): void {
    if (this.#waitingBytes > this.#mostWaitingBytes && (event.kind === 'caller' || event.kind === 'sent')) {
      this.#lostEvents += 1;
      return;
    }
    const bytes = encodeRecord(event);
    this.#gathered.push({ id, bytes });
    this.#gatheredBytes += bytes.length;
  }

  /** Resolves once all that was gathered so far is written. */
  written(journal: Journal): Promise<void> {
    this.flush();
    return new Promise((resolve, reject) => {
      journal.waiters.push({
        round: this.#round,
        lastRound: this.#round + WRITTEN_WITHIN_ROUNDS,
        resolve,
        reject,
      });
      if (this.#roundsUnderWay.size === 0) this.flush();
    });
  }

  /** Closes the file, when the disk has taken what waits for it; what it does not take in good time is dropped. */
  async close(journal: Journal): Promise<void> {
    const drop = await this.written(journal).then(
      () => false,
      () => true,
    );
    await new Promise<void>((resolve) => {
      journal.onClosed = resolve;
      this.#tell(this.#writer, { kind: 'close', id: journal.id, drop });
    });
  }

  /** Lets go of the file, once it holds all that was gathered, until there is more. */
  rest(journal: Journal): void {
    this.flush();
    this.#tell(this.#writer, { kind: 'rest', id: journal.id });
  }

  syncSoon(path: string): void {
    this.#unsynced.add(path);
  }

  get #waitingBytes(): number {
    return this.#underWayBytes + this.#backlogBytes + this.#gatheredBytes;
  }

  get folders(): DataDirectory {
    return this.#folders;
  }

  #add(path: string, callSid: string, fresh: boolean): Journal {
    const journal = new Journal(this, (this.#ids += 1), path, callSid);
    this.#open.set(journal.id, journal);
    this.#tell(this.#writer, { kind: 'open', id: journal.id, path, fresh });
    return journal;
  }

  #tell(worker: Worker, message: ToJournalThread, transfer: ArrayBuffer[] = []): void {
    worker.postMessage(message, transfer);
  }

  #hear(message: FromJournalThread): void {
    switch (message.kind) {
      case 'ready':
        break;
      case 'opened': {
        const journal = this.#open.get(message.id);
        if (journal) journal.file = message.file;
        break;
      }
      case 'rested': {
        const journal = this.#open.get(message.id);
        if (journal) journal.file = undefined;
        if (journal) this.#unsynced.add(journal.path);
        break;
      }
      case 'wrote':
        this.#wrote(message);
        break;
      case 'closed':
        this.#open.get(message.id)?.onClosed?.();
        this.#open.delete(message.id);
        break;
      case 'synced':
        this.#syncLagMs = this.#now() - (this.#syncingSinceMs ?? this.#now());
        this.#syncingSinceMs = undefined;
        if (message.error !== undefined) this.#error = message.error;
        break;
    }
  }

  #wrote(message: Extract<FromJournalThread, { kind: 'wrote' }>): void {
    const round = this.#roundsUnderWay.get(message.round);
    this.#roundsUnderWay.delete(message.round);
    if (round) {
      this.#writeLagMs = this.#now() - round.sinceMs;
      this.#underWayBytes -= round.bytes;
    }
    this.#backlogBytes = message.backlogBytes;
    this.#error = message.error;
    const behind = new Set(message.behind);
    for (const journal of this.#open.values()) {
      journal.dirty = true;
      if (journal.waiters.length > 0) journal.settle(message.round, behind.has(journal.id), message.error);
    }
  }
}

function journalThread(role: 'write' | 'sync'): Worker {
  return new Worker(threadScript('journal-thread'), { workerData: { role }, execArgv: [] });
}
