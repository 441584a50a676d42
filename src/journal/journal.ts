import { renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { CallEvent } from '../events/call-events.ts';
import type { CallEventBus } from '../events/event-bus.ts';
import type { OpenJournal } from '../events/open-journal.ts';
import type { DataDirectory } from '../storage/data-directory.ts';
import { syncDirectory } from '../storage/durable-file.ts';
import { DiskError } from '../storage/failure-kind.ts';

/** What a journal needs of the store of all journals. */
export interface JournalOwner {
  readonly directories: DataDirectory;
  readonly events: CallEventBus | undefined;
  buffer(id: number, event: CallEvent): void;
  written(journal: Journal): Promise<void>;
  rest(journal: Journal): void;
  close(journal: Journal): Promise<void>;
  /** Syncs a closed file at the next sync. */
  syncSoon(path: string): void;
}

interface Waiter {
  readonly round: number;
  readonly lastRound: number;
  resolve(): void;
  reject(error: Error): void;
}

/** One call's journal on disk. Events are buffered first and then published. */
export class Journal implements OpenJournal {
  readonly id: number;
  readonly path: string;
  readonly callSid: string;
  readonly #store: JournalOwner;
  /** The journal's present path, which closing changes. */
  #place: string;
  #written: Promise<void> | undefined;
  waiters: Waiter[] = [];
  /** The file's number in this process, while it is open. */
  file: number | undefined;
  dirty = false;
  onClosed: (() => void) | undefined;

  constructor(store: JournalOwner, id: number, path: string, callSid: string) {
    this.#store = store;
    this.id = id;
    this.path = path;
    this.#place = path;
    this.callSid = callSid;
  }

  append(event: CallEvent): void {
    this.#store.buffer(this.id, event);
    this.#store.events?.publish(this.callSid, event);
  }

  written(): Promise<void> {
    return this.#store.written(this);
  }

  closeFileWhenWritten(): void {
    this.#store.rest(this);
  }

  /** After a failure it can be repeated. */
  async close(end: 'removed' | 'kept' | 'orphaned' | 'pending' | 'outdated'): Promise<void> {
    await (this.#written ??= this.#store.close(this));
    const { directories } = this.#store;
    if (end === 'removed') rmSync(this.#place, { force: true });
    else this.#moveTo(this.#placeFor(end, directories));
    if (end !== 'orphaned') syncDirectory(directories.journals);
  }

  #placeFor(end: 'kept' | 'orphaned' | 'pending' | 'outdated', directories: DataDirectory): string {
    if (end === 'outdated') return directories.outdatedPath(this.path);
    if (end === 'orphaned') return this.path;
    return end === 'kept' ? directories.keptPath(this.callSid) : directories.pendingPath(this.callSid);
  }

  #moveTo(target: string): void {
    if (target !== this.#place) renameSync(this.#place, target);
    this.#place = target;
    if (target !== this.path) syncDirectory(path.dirname(target));
    this.#store.syncSoon(target);
  }

  takeDirty(): boolean {
    const dirty = this.dirty && this.file !== undefined;
    this.dirty = false;
    return dirty;
  }

  resolveWaiters(round: number, behind: boolean, error: string | undefined): void {
    this.waiters = this.waiters.filter((waiter) => {
      if (waiter.round > round) return true;
      if (!behind) waiter.resolve();
      else if (round >= waiter.lastRound)
        waiter.reject(new DiskError(`the journal is not on disk: ${error ?? 'the disk is slow'}`));
      else return true;
      return false;
    });
  }
}
