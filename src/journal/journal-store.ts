import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { CallEvent } from '../events/call-events.ts';
import type { Clock } from '../events/clock.ts';
import type { CallEventBus } from '../events/event-bus.ts';
import type { DataDirectory } from '../storage/data-directory.ts';
import { threadScript } from '../storage/package-files.ts';
import type { JournalFollower } from './journal-follower.ts';
import { Journal, type JournalOwner } from './journal.ts';
import { WriteBatch } from './write-batch.ts';
import { WriteRounds } from './write-rounds.ts';
import type { FromJournalThread, ToJournalThread } from './writer-thread.ts';

/** Bytes of all calls that wait for a stalled or full disk. Beyond that audio is dropped and an alarm is logged. */
const BACKLOG_BYTES = 256 * 1024 * 1024;
/** If the disk has not taken a journal after this many rounds, `written` rejects. */
const WRITTEN_WITHIN_ROUNDS = 50;

export interface JournalFigures {
  readonly open: number;
  readonly backlogBytes: number;
  /** How long the last write and the last sync took. */
  readonly writeLagMs: number;
  readonly syncLagMs: number;
  readonly lostEvents: number;
  readonly error: string | undefined;
}

export interface JournalStoreOptions {
  readonly directories: DataDirectory;
  readonly clock: Pick<Clock, 'now'>;
  /** Receives every event after it was buffered. */
  readonly events?: CallEventBus | undefined;
  readonly mostWaitingBytes?: number | undefined;
  /** Copies the journals elsewhere. */
  readonly follower?: JournalFollower | undefined;
}

/**
 * All journals of this process. Events are buffered here and sent to the writing thread every 100 ms; another thread
 * syncs them to the disk. Nothing here waits for the disk.
 */
export class JournalStore implements JournalOwner {
  readonly directories: DataDirectory;
  readonly events: CallEventBus | undefined;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #mostWaitingBytes: number;
  readonly #follower: JournalFollower | undefined;
  readonly #writer: Worker;
  readonly #syncer: Worker;
  readonly #threadsRun: Promise<unknown>;
  readonly #open = new Map<number, Journal>();
  /** Files that were closed since the last sync. */
  readonly #unsynced = new Set<string>();
  readonly #batch = new WriteBatch();
  readonly #rounds = new WriteRounds();
  #ids = 0;
  /** Bytes that the writing thread has and the disk does not take. */
  #backlogBytes = 0;
  #syncLagMs = 0;
  #syncingSinceMs: number | undefined;
  #lostEvents = 0;
  #error: string | undefined;

  constructor(options: JournalStoreOptions) {
    const { directories, clock, events, mostWaitingBytes = BACKLOG_BYTES, follower } = options;
    this.directories = directories;
    this.events = events;
    this.#clock = clock;
    this.#mostWaitingBytes = mostWaitingBytes;
    this.#follower = follower;
    this.#writer = journalThread('write');
    this.#syncer = journalThread('sync');
    this.#threadsRun = Promise.all([once(this.#writer, 'message'), once(this.#syncer, 'message')]);
    this.#writer.on('message', (message: FromJournalThread) => this.#receive(message));
    this.#syncer.on('message', (message: FromJournalThread) => this.#receive(message));
  }

  /** Resolves when the threads run; nothing is written before. Rejects if they cannot run. */
  async begin(): Promise<void> {
    await this.#threadsRun;
  }

  get figures(): JournalFigures {
    const atMs = this.#clock.now();
    return {
      open: this.#open.size,
      backlogBytes: this.#waitingBytes,
      writeLagMs: this.#rounds.lagMs(atMs),
      syncLagMs: Math.max(
        this.#syncLagMs,
        this.#syncingSinceMs === undefined ? 0 : atMs - this.#syncingSinceMs,
      ),
      lostEvents: this.#lostEvents,
      error: this.#error,
    };
  }

  create(callSid: string, owner: string): Journal {
    return this.#add(this.directories.journalPath(callSid, owner), callSid, true);
  }

  /** Continues a journal that this process has claimed. A truncated record at its end is cut off first. */
  resume(path: string, callSid: string): Journal {
    return this.#add(path, callSid, false);
  }

  /** Sends all buffered events to the writing thread; to be called about every 100 ms. */
  flush(): void {
    const waits =
      this.#backlogBytes > 0 || [...this.#open.values()].some((journal) => journal.waiters.length > 0);
    if (this.#batch.isEmpty && !waits) return;
    const { entries, bytes } = this.#batch.take();
    const round = this.#rounds.begin(bytes.length, this.#clock.now());
    this.#send(this.#writer, { kind: 'write', round, entries, bytes }, [bytes.buffer, entries.buffer]);
  }

  /** Syncs everything that was written; to be called every second. Does nothing while a sync is running. */
  sync(): void {
    if (this.#syncingSinceMs !== undefined) return;
    const files = [...this.#open.values()].flatMap((journal) => (journal.takeDirty() ? [journal.file!] : []));
    const paths = [...this.#unsynced];
    this.#unsynced.clear();
    if (files.length === 0 && paths.length === 0) return;
    this.#syncingSinceMs = this.#clock.now();
    this.#send(this.#syncer, { kind: 'sync', round: this.#rounds.last, files, paths });
  }

  async end(): Promise<void> {
    await Promise.all([this.#writer.terminate(), this.#syncer.terminate()]);
  }

  buffer(id: number, event: CallEvent): void {
    if (this.#waitingBytes > this.#mostWaitingBytes && (event.kind === 'caller' || event.kind === 'sent')) {
      this.#lostEvents += 1;
      return;
    }
    this.#batch.add(id, event);
  }

  /** Resolves when all buffered events are written. */
  written(journal: Journal): Promise<void> {
    this.flush();
    return new Promise((resolve, reject) => {
      journal.waiters.push({
        round: this.#rounds.last,
        lastRound: this.#rounds.last + WRITTEN_WITHIN_ROUNDS,
        resolve,
        reject,
      });
      if (this.#rounds.isIdle) this.flush();
    });
  }

  /** Resolves when that is true of all journals. Rejects with the first that the disk does not take. */
  async allWritten(): Promise<void> {
    await Promise.all([...this.#open.values()].map((journal) => this.written(journal)));
  }

  /** Closes the file when all buffered events are written. Events that cannot be written in time are dropped. */
  async close(journal: Journal): Promise<void> {
    const drop = await this.written(journal).then(
      () => false,
      () => true,
    );
    await new Promise<void>((resolve) => {
      journal.onClosed = resolve;
      this.#send(this.#writer, { kind: 'close', id: journal.id, drop });
    });
  }

  /** Closes the file when all buffered events are written. The next event opens it again. */
  rest(journal: Journal): void {
    this.flush();
    this.#send(this.#writer, { kind: 'rest', id: journal.id });
  }

  syncSoon(path: string): void {
    this.#unsynced.add(path);
  }

  get #waitingBytes(): number {
    return this.#rounds.bytes + this.#backlogBytes + this.#batch.bytes;
  }

  #add(path: string, callSid: string, fresh: boolean): Journal {
    const journal = new Journal(this, (this.#ids += 1), path, callSid);
    this.#open.set(journal.id, journal);
    this.#send(this.#writer, { kind: 'open', id: journal.id, path, fresh });
    return journal;
  }

  #send(worker: Worker, message: ToJournalThread, transfer: ArrayBuffer[] = []): void {
    worker.postMessage(message, transfer);
  }

  #receive(message: FromJournalThread): void {
    switch (message.kind) {
      case 'ready':
        break;
      case 'opened': {
        const journal = this.#open.get(message.id);
        if (!journal) break;
        journal.file = message.file;
        this.#follower?.opened(journal, message.position);
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
      case 'closed': {
        const journal = this.#open.get(message.id);
        this.#open.delete(message.id);
        if (journal) this.#follower?.closed(journal.callSid);
        journal?.onClosed?.();
        break;
      }
      case 'synced':
        this.#syncLagMs = this.#clock.now() - (this.#syncingSinceMs ?? this.#clock.now());
        this.#syncingSinceMs = undefined;
        if (message.error !== undefined) this.#error = message.error;
        break;
    }
  }

  #wrote(message: Extract<FromJournalThread, { kind: 'wrote' }>): void {
    this.#rounds.end(message.round, this.#clock.now());
    this.#backlogBytes = message.backlogBytes;
    this.#error = message.error;
    this.#follower?.wrote();
    const behind = new Set(message.behind);
    for (const journal of this.#open.values()) {
      journal.dirty = true;
      if (journal.waiters.length > 0)
        journal.resolveWaiters(message.round, behind.has(journal.id), message.error);
    }
  }
}

function journalThread(role: 'write' | 'sync'): Worker {
  return new Worker(threadScript('journal-thread'), { workerData: { role }, execArgv: [] });
}
