import { readdir } from 'node:fs/promises';
import type { Clock } from '../events/clock.ts';
import { Backoff } from '../storage/backoff.ts';
import { CALL_RECORD_NAME } from '../storage/file-names.ts';
import { ChangeSignal } from './change-signal.ts';
import { isUploaded } from './is-uploaded.ts';
import { uploadCall, type UploadEnds } from './upload-call.ts';

/** Calls that are uploaded at the same time. */
const CONCURRENT_UPLOADS = 2;
/** Between retries while the object store fails. A newly finished call is tried at once. */
const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 600_000;
/** This many failures in a row are a fault of the object store, not of a file. */
const STORE_FAILURES = 3;
/** When the server stops, running uploads get this long; the next start continues the rest. */
const STOPPING_WAIT_MS = 3_000;

export interface UploadQueueOptions extends UploadEnds {
  readonly clock: Clock;
  readonly observer: UploadObserver;
}

/** Receives results and failures. */
export interface UploadObserver {
  uploaded(news: UploadSuccess): void;
  failed(news: UploadFailure): void;
}

export interface UploadSuccess {
  readonly kind: 'stored';
  readonly callSid: string;
  readonly tookMs: number;
}

export interface UploadFailure {
  readonly kind: 'transient';
  readonly callSid: string;
  readonly error: unknown;
  readonly retryMs: number;
}

/**
 * Uploads finished calls and retries without end. It keeps no list on disk: a call is pending if its `.json` and its
 * upload receipt do not match.
 */
export class UploadQueue {
  readonly #options: UploadQueueOptions;
  /** Ends running uploads. */
  readonly #abort = new AbortController();
  readonly #stopping = new AbortController();
  /** Calls that were not tried yet go before those that failed, so that one bad file delays no other call. */
  readonly #fresh = new Set<string>();
  readonly #failed = new Set<string>();
  /** Calls that are being uploaded: what ends the upload of one of them, and when it has ended. */
  readonly #busy = new Map<string, { readonly abort: AbortController; readonly ended: Promise<void> }>();
  readonly #workers = new Set<Promise<void>>();
  #activeWorkers = 0;
  readonly #backoff = new Backoff(FIRST_RETRY_MS, LONGEST_RETRY_MS);
  readonly #attempts = new ChangeSignal();
  #failuresInARow = 0;
  #pauseUntilMs = -Infinity;
  /** Aborted when a new call ends the pause. */
  #pauseEnd = new AbortController();

  constructor(options: UploadQueueOptions) {
    this.#options = options;
  }

  /** Calls that are not known to be in the object store. */
  get waiting(): number {
    return new Set([...this.#fresh, ...this.#failed, ...this.#busy.keys()]).size;
  }

  /** The call's files were written, or have changed. */
  upload(callSid: string): void {
    if (this.#stopping.signal.aborted) return;
    this.#failed.delete(callSid);
    this.#fresh.add(callSid);
    this.#pauseUntilMs = -Infinity;
    this.#pauseEnd.abort();
    this.#pauseEnd = new AbortController();
    if (this.#activeWorkers >= CONCURRENT_UPLOADS) return;
    this.#activeWorkers += 1;
    const worker = this.#work();
    this.#workers.add(worker);
    void worker.then(() => this.#workers.delete(worker));
  }

  /** Queues the calls that earlier processes did not upload. Resolves when all are known, not when they are uploaded. */
  async resume(): Promise<void> {
    for (const name of await readdir(this.#options.directories.recordings)) {
      const callSid = CALL_RECORD_NAME.exec(name)?.[1];
      if (this.#stopping.signal.aborted) return;
      if (callSid !== undefined && !(await isUploaded(callSid, this.#options.directories)))
        this.upload(callSid);
    }
  }

  /** Resolves with the number of calls not uploaded when each was tried, or when the object store is known to fail. */
  async attempted(): Promise<number> {
    while (this.#fresh.size + this.#busy.size > 0 && this.#failuresInARow < STORE_FAILURES)
      await this.#attempts.next();
    return this.waiting;
  }

  /** The files of the call are about to be removed here: its upload ends, and nothing is removed from the store. */
  async abandon(callSid: string): Promise<void> {
    this.#fresh.delete(callSid);
    this.#failed.delete(callSid);
    const busy = this.#busy.get(callSid);
    busy?.abort.abort(new Error('the upload was given up'));
    await busy?.ended;
    this.#fresh.delete(callSid);
    this.#failed.delete(callSid);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const done = new AbortController();
    const workers = Promise.all(this.#workers);
    await Promise.race([workers, this.#options.clock.sleep(STOPPING_WAIT_MS, done.signal)]);
    done.abort();
    this.#abort.abort(new Error('the server is stopping'));
    await workers;
  }

  async #work(): Promise<void> {
    for (;;) {
      await this.#pause();
      const callSid = this.#next();
      if (callSid === undefined) break;
      const abort = new AbortController();
      const ended = this.#try(callSid, AbortSignal.any([this.#abort.signal, abort.signal]));
      this.#busy.set(callSid, { abort, ended });
      await ended;
      this.#busy.delete(callSid);
      this.#attempts.notify();
    }
    this.#activeWorkers -= 1;
  }

  #next(): string | undefined {
    if (this.#stopping.signal.aborted) return undefined;
    for (const waiting of [this.#fresh, this.#failed])
      for (const callSid of waiting) if (!this.#busy.has(callSid)) return callSid;
    return undefined;
  }

  async #try(callSid: string, signal: AbortSignal): Promise<void> {
    const { clock, observer } = this.#options;
    const startedAtMs = clock.now();
    this.#fresh.delete(callSid);
    this.#failed.delete(callSid);
    try {
      const result = await uploadCall(callSid, this.#options, signal);
      this.#backoff.reset();
      this.#failuresInARow = 0;
      if (result === 'later') this.#askLater(callSid);
      if (result === 'stored')
        observer.uploaded({ kind: 'stored', callSid, tookMs: clock.now() - startedAtMs });
    } catch (error) {
      this.#failed.add(callSid);
      if (signal.aborted) return;
      this.#failuresInARow += 1;
      if (!this.#stopping.signal.aborted) this.#retryLater(callSid, error);
    }
  }

  /** The store works, but it is not known yet whether the call is this machine's. */
  #askLater(callSid: string): void {
    this.#failed.add(callSid);
    this.#pauseUntilMs = Math.max(this.#pauseUntilMs, this.#options.clock.now() + FIRST_RETRY_MS);
  }

  #retryLater(callSid: string, error: unknown): void {
    const { clock, observer } = this.#options;
    const atMs = clock.now();
    if (atMs >= this.#pauseUntilMs) this.#pauseUntilMs = atMs + this.#backoff.next();
    observer.failed({ kind: 'transient', callSid, error, retryMs: this.#pauseUntilMs - atMs });
  }

  async #pause(): Promise<void> {
    const { clock } = this.#options;
    const { signal: stopping } = this.#stopping;
    for (let leftMs = this.#leftMs(); leftMs > 0 && !stopping.aborted; leftMs = this.#leftMs())
      await clock.sleep(leftMs, AbortSignal.any([stopping, this.#pauseEnd.signal]));
  }

  #leftMs(): number {
    return this.#pauseUntilMs - this.#options.clock.now();
  }
}
