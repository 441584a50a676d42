import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { readReceipt } from '../records/upload-receipt.ts';
import { CALL_RECORD_NAME, callRecordName } from '../storage/file-names.ts';
import type { ObjectStore } from './object-store.ts';
import { uploadCall, type UploadDirectories } from './upload-call.ts';

/** Calls that are brought into the store at the same time. */
const DEPOSITS_AT_ONCE = 2;
/** Between tries while the store fails: doubling. A call that has just been finished is an occasion to try at once. */
const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 600_000;
/** So many in a row are the store's fault, not a file's. */
const FAILS = 3;
/** What is under way when the server stops gets this long; the next start goes on with the rest. */
const STOPPING_WAIT_MS = 3_000;
/** How often a wait looks whether it is over. */
const LOOK_MS = 100;

export interface UploadQueueOptions {
  readonly store: ObjectStore;
  readonly folders: UploadDirectories;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly told: (news: UploadNews) => void;
}

export type UploadNews =
  | { readonly kind: 'stored'; readonly callSid: string; readonly tookMs: number }
  | { readonly kind: 'trouble'; readonly callSid: string; readonly error: unknown; readonly retryMs: number };

/**
 * Brings finished calls into the store, one after another, for as long as it takes. It keeps no list on disk: what is
 * left to do shows in the folder, where a `.json` and its mark do not agree.
 */
export class UploadQueue {
  readonly #parts: UploadQueueOptions;
  readonly #abort = new AbortController();
  /** Not tried yet, and those that failed: the new ones go first, so that one bad file holds nobody up. */
  readonly #fresh = new Set<string>();
  readonly #failed = new Set<string>();
  readonly #busy = new Set<string>();
  readonly #working = new Set<Promise<void>>();
  #workers = 0;
  #failedInARow = 0;
  #retryMs = FIRST_RETRY_MS;
  #pauseUntilMs = -Infinity;
  #stopping = false;

  constructor(parts: UploadQueueOptions) {
    this.#parts = parts;
  }

  /** Calls that the store does not hold yet, as far as is known. */
  get waiting(): number {
    return new Set([...this.#fresh, ...this.#failed, ...this.#busy]).size;
  }

  /** The call's files are there, or are others than they were. */
  upload(callSid: string): void {
    if (this.#stopping) return;
    this.#failed.delete(callSid);
    this.#fresh.add(callSid);
    this.#pauseUntilMs = -Infinity;
    if (this.#workers >= DEPOSITS_AT_ONCE) return;
    this.#workers += 1;
    const work = this.#work();
    this.#working.add(work);
    void work.finally(() => this.#working.delete(work));
  }

  /** Takes up what earlier processes left; resolves when all of it is known, not when it is done. */
  async depositLeft(): Promise<void> {
    const { recordings } = this.#parts.folders;
    for (const name of await readdir(recordings)) {
      const callSid = CALL_RECORD_NAME.exec(name)?.[1];
      if (this.#stopping) return;
      if (callSid !== undefined && !(await this.#isMarked(callSid))) this.upload(callSid);
    }
  }

  /** Resolves with how many calls are left when each has been tried, or when it is plain that the store fails. */
  async tried(): Promise<number> {
    while (this.#fresh.size + this.#busy.size > 0 && this.#failedInARow < FAILS)
      await this.#parts.sleep(LOOK_MS);
    return this.waiting;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const untilMs = this.#parts.now() + STOPPING_WAIT_MS;
    while (this.#busy.size > 0 && this.#parts.now() < untilMs) await this.#parts.sleep(LOOK_MS);
    this.#abort.abort(new Error('the server stops'));
    await Promise.all(this.#working);
  }

  async #isMarked(callSid: string): Promise<boolean> {
    const { recordings, receipts: marks } = this.#parts.folders;
    const mark = await readReceipt(marks, callSid);
    const found = await stat(path.join(recordings, callRecordName(callSid))).catch(() => undefined);
    if (!found) return true;
    if (mark?.json.modifiedMs !== found.mtimeMs || mark.json.sizeBytes !== found.size) return false;
    const recording = mark.files.find(({ kind }) => kind === 'recording');
    const left = recording && (await stat(path.join(recordings, recording.name)).catch(() => undefined));
    return left === undefined;
  }

  async #work(): Promise<void> {
    for (;;) {
      await this.#pause();
      const callSid = this.#next();
      if (callSid === undefined) break;
      await this.#try(callSid);
    }
    this.#workers -= 1;
  }

  #next(): string | undefined {
    if (this.#stopping) return undefined;
    for (const waiting of [this.#fresh, this.#failed])
      for (const callSid of waiting) if (!this.#busy.has(callSid)) return callSid;
    return undefined;
  }

  async #try(callSid: string): Promise<void> {
    const { store, folders, now, told } = this.#parts;
    const startedAtMs = now();
    this.#busy.add(callSid);
    this.#fresh.delete(callSid);
    this.#failed.delete(callSid);
    try {
      const outcome = await uploadCall(callSid, store, folders, this.#abort.signal);
      this.#retryMs = FIRST_RETRY_MS;
      this.#failedInARow = 0;
      if (outcome === 'stored') told({ kind: 'stored', callSid, tookMs: now() - startedAtMs });
    } catch (error) {
      this.#failed.add(callSid);
      this.#failedInARow += 1;
      if (!this.#stopping) this.#tryLater(callSid, error);
    } finally {
      this.#busy.delete(callSid);
    }
  }

  #tryLater(callSid: string, error: unknown): void {
    const { now, told } = this.#parts;
    if (now() >= this.#pauseUntilMs) {
      this.#pauseUntilMs = now() + this.#retryMs;
      this.#retryMs = Math.min(LONGEST_RETRY_MS, this.#retryMs * 2);
    }
    told({ kind: 'trouble', callSid, error, retryMs: this.#pauseUntilMs - now() });
  }

  async #pause(): Promise<void> {
    while (!this.#stopping && this.#parts.now() < this.#pauseUntilMs) await this.#parts.sleep(LOOK_MS);
  }
}
