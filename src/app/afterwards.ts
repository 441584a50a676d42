import type { CallHistory, CallIdentity } from '../call/call-options.ts';
import type { EndedCall } from '../call/call-registry-options.ts';
import type { HeardPiece } from '../call/playback/playback.ts';
import type { Services } from '../call/ports.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { LiveCallSync } from '../catalogue/sync/live-call-sync.ts';
import type { CallEvent } from '../events/call-events.ts';
import type { Journal } from '../journal/journal.ts';
import type { Log } from '../log.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import { UploadQueue } from '../object-store/upload-queue.ts';
import type { Annotation } from '../records/annotations.ts';
import { CallFinalizer } from '../records/finalization/call-finalizer.ts';
import type {
  FinalizerFailure,
  FinalizerNews,
  FinalizerSuccess,
} from '../records/finalization/finalizer-options.ts';
import { type CallRecord, readCallRecord } from '../records/call-record.ts';
import type { LiveChanges } from '../records/live-transcript.ts';
import { LiveTranscripts } from '../records/live-transcripts.ts';
import type { Settings } from '../settings/settings.ts';
import type { DataDirectory } from '../storage/data-directory.ts';
import { isTransient, rootCause } from '../storage/failure-kind.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import { systemClock } from './system-clock.ts';

/** How soon a turn that was heard is in the live transcript, and in a catalogue that answers. */
const LOOK_EVERY_MS = 250;

export interface AfterwardsParts {
  readonly settings: Settings;
  readonly services: Services;
  readonly log: Log;
  /** Monotonic, epoch milliseconds. */
  readonly now: () => number;
  readonly finished?: (news: FinalizerNews) => void;
  readonly catalogue?: Catalogue;
  /** What was heard of a piece of a live call, in call time. */
  readonly heard?: (callSid: string, piece: number, atMs: number) => HeardPiece | undefined;
  /** Told of what has changed of a live call. */
  readonly changed?: (callSid: string, changes: LiveChanges) => void;
  /** Where finished files go; absent: they stay in the folder. */
  readonly store?: ObjectStore;
  readonly folders: DataDirectory;
  readonly pool: WorkerPool;
}

/** What becomes of a call: its files, their place in the store, and its entry in the catalogue, which begins with it. */
export class Afterwards {
  readonly #parts: AfterwardsParts;
  readonly #finisher: CallFinalizer;
  readonly #depositor: UploadQueue | undefined;
  readonly #catalogue: LiveCallSync | undefined;
  readonly #live: LiveTranscripts;
  #timer: NodeJS.Timeout | undefined;
  readonly #finishing = new Set<string>();
  /** Calls whose files the disk does not take for now, and why. */
  readonly #retrying = new Map<string, string>();

  constructor(parts: AfterwardsParts) {
    this.#parts = parts;
    this.#catalogue = this.#makeCatalogue();
    this.#live = this.#makeLive();
    this.#depositor = parts.store && this.#makeDepositor(parts.store);
    this.#finisher = this.#makeFinisher();
  }

  begin(): void {
    this.#timer = setInterval(() => this.#tick(), LOOK_EVERY_MS);
  }

  /** A call begins, or goes on that a dead process has begun: gives who is to be told of its events. */
  watch(
    callSid: string,
    before?: { identity: CallIdentity; history: CallHistory },
  ): (event: CallEvent) => void {
    this.#catalogue?.begins(callSid);
    return this.#live.watch(callSid, before && { ...before.identity, ...before.history });
  }

  /** Whether a call's files are there or being made. */
  isFinished(callSid: string): boolean {
    const { folders } = this.#parts;
    if (this.#finishing.has(callSid) || folders.unwritten.has(callSid)) return true;
    return readCallRecord(folders.recordings, callSid) !== undefined;
  }

  /** Makes the files of a call that is over. Resolves when they are there. */
  async finish(over: EndedCall<Journal>): Promise<void> {
    const { callSid } = over;
    this.#finishing.add(callSid);
    await this.#finisher.finish(over);
    this.#finishing.delete(callSid);
    this.#retrying.delete(callSid);
    this.#live.forget(callSid);
  }

  /** Changes what people have added to a finished call; undefined where there is no such call, or no such note. */
  async change(callSid: string, change: Annotation): Promise<CallRecord | undefined> {
    const { folders, pool } = this.#parts;
    const { recordings: directory, temporary, erasing, lock } = folders;
    const json = await pool.change({ directory, temporary, erasing, lock }, callSid, change);
    if (json) this.#filesChanged(callSid);
    return json;
  }

  /** The call is being erased: nothing of it is fetched or written any more. */
  abandon(callSid: string): Promise<void> {
    return this.#finisher.abandon(callSid);
  }

  get finishing(): number {
    return this.#finishing.size;
  }

  /** Why calls whose files are being retried have none yet, by CallSid. */
  get retrying(): ReadonlyMap<string, string> {
    return this.#retrying;
  }

  /** Finished calls whose files are not in the store yet. */
  get unstored(): number {
    return this.#depositor?.waiting ?? 0;
  }

  /** How far the catalogue is behind; undefined where there is none. */
  get catalogueState(): { readonly down: boolean; readonly waiting: number } | undefined {
    const catalogue = this.#catalogue;
    return catalogue && { down: catalogue.down, waiting: catalogue.waiting };
  }

  /** From now on the call counts as being finished, though `finish` comes later. */
  over(callSid: string): void {
    this.#finishing.add(callSid);
  }

  /** What earlier processes have finished and neither stored nor entered. */
  async takeUpLeft(): Promise<void> {
    this.#catalogue?.enterLeftOver(this.#unfinished());
    try {
      await this.#depositor?.depositLeft();
      await this.#parts.store?.tidy();
    } catch (error) {
      this.#parts.log.warn({ err: error }, 'what was left for the store could not be looked through');
    }
  }

  /** No more calls are finished; resolves when those under way are, as far as that takes no long wait. */
  stopFinishing(): Promise<void> {
    return this.#finisher.stop();
  }

  /** Resolves, when each call has been tried once, with how many the store has not taken. */
  async triedToStore(): Promise<number> {
    return (await this.#depositor?.tried()) ?? 0;
  }

  async end(): Promise<void> {
    await this.#finisher.stop();
    await this.#depositor?.stop();
    clearInterval(this.#timer);
    this.#live.tick(this.#parts.now());
    await this.#catalogue?.end();
    await this.#parts.catalogue?.close();
    this.#parts.store?.close();
  }

  #makeFinisher(): CallFinalizer {
    const { settings, services, now, folders, pool, store, finished } = this.#parts;
    return new CallFinalizer({
      worker: pool,
      services,
      settings: {
        ...settings.recording,
        directory: folders.recordings,
        temporary: folders.temporary,
        language: settings.language,
        receipts: folders.receipts,
        lock: folders.lock,
        ...(store && { store: store.url }),
        finishWaitMs: settings.limits.finishWaitMs,
        pendingDays: settings.limits.pendingDays,
        keepJournals: settings.keepJournals,
      },
      clock: { ...systemClock, now },
      observer: {
        finished: (news) => {
          this.#isFinished(news);
          finished?.(news);
        },
        failed: (news) => {
          this.#failed(news);
          finished?.(news);
        },
      },
    });
  }

  #isFinished({ callSid, tookMs, files }: FinalizerSuccess): void {
    const { pending } = files.json;
    this.#parts.log.info({ callSid, tookMs: Math.round(tookMs), pending }, 'call finished');
    this.#retrying.delete(callSid);
    this.#parts.folders.unwritten.remove(callSid);
    this.#filesChanged(callSid);
  }

  #failed({ kind, callSid, doing, error }: FinalizerFailure): void {
    const { log, folders } = this.#parts;
    const about = { callSid, doing, err: error };
    if (kind === 'unwritten') {
      const isKept = folders.unwritten.add(callSid, rootCause(error));
      log.error({ ...about, reasonOnDisk: isKept }, 'the files of a call could not be written');
    } else {
      if (isTransient(error)) this.#retrying.set(callSid, rootCause(error));
      log.warn(about, 'finishing had trouble and goes on');
    }
  }

  #tick(): void {
    const atMs = this.#parts.now();
    this.#live.tick(atMs);
    this.#catalogue?.tick(atMs);
  }

  #filesChanged(callSid: string): void {
    this.#live.forget(callSid);
    this.#depositor?.upload(callSid);
    this.#catalogue?.finished(callSid);
  }

  #makeDepositor(store: ObjectStore): UploadQueue {
    const { log, now } = this.#parts;
    return new UploadQueue({
      store,
      folders: this.#parts.folders,
      now,
      sleep,
      told: (news) => {
        const { callSid } = news;
        if (news.kind === 'stored') {
          log.info({ callSid, tookMs: Math.round(news.tookMs) }, 'the store has a call');
        } else {
          const { error, retryMs } = news;
          log.warn(
            { callSid, retryMs: Math.round(retryMs), err: error },
            'the store did not take a call yet',
          );
        }
      },
    });
  }

  /** Calls that some process is still to finish. */
  #unfinished(): ReadonlySet<string> {
    const { folders } = this.#parts;
    return new Set([...folders.activeJournals(), ...folders.pendingJournals()].map(({ callSid }) => callSid));
  }

  #makeCatalogue(): LiveCallSync | undefined {
    const { catalogue, folders, pool, log, now } = this.#parts;
    if (!catalogue) return undefined;
    return new LiveCallSync({ catalogue, folders, pool, log, now });
  }

  /** The live transcript is there without a catalogue, too. */
  #makeLive(): LiveTranscripts {
    const { now, heard = () => undefined } = this.#parts;
    return new LiveTranscripts({
      now,
      heard,
      changed: (callSid, changes) => {
        this.#catalogue?.changed(callSid, changes);
        this.#parts.changed?.(callSid, changes);
      },
    });
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
