import type { OpenJournal } from '../../events/open-journal.ts';
import { Backoff } from '../../storage/backoff.ts';
import { isTransient } from '../../storage/failure-kind.ts';
import type { CallFinalizerOptions, CallToFinalize } from './finalizer-options.ts';
import type { ReconstructedCall } from '../reconstructed-call.ts';
import { type Fetched, TextFetcher } from './text-fetcher.ts';
import type { Deadline } from './with-deadline.ts';

/** Between requests in the background. */
const FIRST_RETRY_MS = 30_000;
const LONGEST_RETRY_MS = 600_000;
/** A full disk may soon have room again. */
const FIRST_DISK_RETRY_MS = 5_000;
const LONGEST_DISK_RETRY_MS = 60_000;
/** A service may take this long when nothing waits for it. */
const BACKGROUND_WAIT_MS = 60_000;

/** How one call's finalization is ended from outside. */
export interface FinalizationSignals {
  /** The call is being erased. */
  readonly abandoned: AbortSignal;
  /** The server stops: no more retries. */
  readonly stopping: AbortSignal;
  /** The server stops and has waited long enough for requests. */
  readonly expired: AbortSignal;
}

type JournalEnd = Parameters<OpenJournal['close']>[0];
/** How a round ended: the journal is closed, or the round is repeated later. */
type RoundResult = JournalEnd | 'retry';
/** A failed step. `transient`: worth a retry. */
interface Failed {
  readonly failed: 'transient' | 'permanent';
}

/** The finalization of one ended call: rounds of fetching texts and writing files until nothing more can arrive. */
export class Finalization {
  readonly #options: CallFinalizerOptions;
  readonly #ended: CallToFinalize;
  readonly #signals: FinalizationSignals;
  readonly #texts: TextFetcher;
  readonly #startedAtMs: number;
  readonly #retry = new Backoff(FIRST_RETRY_MS, LONGEST_RETRY_MS);
  readonly #diskRetry = new Backoff(FIRST_DISK_RETRY_MS, LONGEST_DISK_RETRY_MS);
  /** Whether the files contain everything that the journal contains. */
  #filesAreCurrent = false;

  constructor(options: CallFinalizerOptions, ended: CallToFinalize, signals: FinalizationSignals) {
    const { worker, services, observer, settings, clock } = options;
    this.#options = options;
    this.#ended = ended;
    this.#signals = signals;
    this.#startedAtMs = clock.now();
    this.#texts = new TextFetcher({ worker, services, observer, pendingDays: settings.pendingDays }, ended);
  }

  /** Resolves when the journal is closed. `filesWritten` is called each time the files are complete. */
  async run(filesWritten: () => void): Promise<void> {
    const { clock, settings } = this.#options;
    let deadline = this.#deadline(settings.finishWaitMs);
    await this.#awaitTextsOfCall(deadline);
    for (;;) {
      const result = await this.#round(deadline, filesWritten);
      if (result !== 'retry') return this.#close(result, filesWritten);
      this.#ended.journal.closeFileWhenWritten();
      const pauseMs = this.#filesAreCurrent ? this.#retry.next() : this.#diskRetry.next();
      await clock.sleep(pauseMs, AbortSignal.any([this.#signals.stopping, this.#signals.abandoned]));
      if (this.#signals.abandoned.aborted) return this.#close('removed', filesWritten);
      if (this.#signals.stopping.aborted) return this.#close('orphaned', filesWritten);
      deadline = this.#deadline(Math.max(settings.finishWaitMs, BACKGROUND_WAIT_MS));
    }
  }

  /** Retries until the disk accepts it; nothing waits for that. The next start continues a journal that was not closed. */
  async #close(end: JournalEnd, settled: () => void): Promise<void> {
    const { clock, observer } = this.#options;
    const { journal, callSid } = this.#ended;
    const { stopping, abandoned } = this.#signals;
    const retry = new Backoff(FIRST_DISK_RETRY_MS, LONGEST_RETRY_MS);
    for (;;) {
      try {
        return await journal.close(abandoned.aborted ? 'removed' : end);
      } catch (error) {
        observer.failed({ kind: 'unclosed', callSid, doing: 'closing the journal', error });
        settled();
        if (!isTransient(error) || stopping.aborted || abandoned.aborted) return;
        await clock.sleep(retry.next(), AbortSignal.any([stopping, abandoned]));
      }
    }
  }

  /** Texts that were requested during the call. */
  async #awaitTextsOfCall({ clock, atMs, signal }: Deadline): Promise<void> {
    const { call } = this.#ended;
    if (!call) return;
    const arrived = new AbortController();
    const waited = clock.sleep(atMs - clock.now(), AbortSignal.any([signal, arrived.signal]));
    await Promise.race([call.allTextsArrived(), waited]);
    arrived.abort();
    call.giveUpTexts();
  }

  async #round(deadline: Deadline, filesWritten: () => void): Promise<RoundResult> {
    const fetched = await this.#attempt('settling', () => this.#fetch(deadline));
    if (this.#signals.abandoned.aborted) return 'removed';
    if (!fetched) return 'kept';
    if ('failed' in fetched) return this.#afterFailure(fetched);
    if (fetched.added) this.#filesAreCurrent = false;
    if (!this.#filesAreCurrent) {
      const failed = await this.#attempt('writing the files', () => this.#write(fetched.call));
      if (failed) return this.#afterFailure(failed);
      this.#filesAreCurrent = true;
    }
    filesWritten();
    this.#diskRetry.reset();
    return this.#afterFiles(fetched.call);
  }

  #afterFailure({ failed }: Failed): RoundResult {
    this.#filesAreCurrent = false;
    return failed === 'transient' ? 'retry' : 'pending';
  }

  #afterFiles(call: ReconstructedCall): RoundResult {
    const { clock, settings } = this.#options;
    if (this.#texts.mayArrive(call, clock.now())) return this.#texts.canFetch(call) ? 'retry' : 'pending';
    return settings.keepJournals && !this.#signals.abandoned.aborted ? 'kept' : 'removed';
  }

  /** Undefined if the journal holds no call. */
  async #fetch(deadline: Deadline): Promise<Fetched | undefined> {
    const { journal } = this.#ended;
    await journal.written();
    const call = await this.#options.worker.read(journal.path);
    return call && this.#texts.fetch(call, deadline);
  }

  async #write(call: ReconstructedCall): Promise<void> {
    const { worker, settings, clock, observer } = this.#options;
    const { callSid, journal } = this.#ended;
    const files = await worker.write(journal.path, settings, call);
    observer.finished({ kind: 'finished', callSid, files, tookMs: clock.now() - this.#startedAtMs });
  }

  /** Runs a step on disk. A failure is reported and becomes a value. */
  async #attempt<T>(doing: string, step: () => Promise<T>): Promise<T | Failed> {
    try {
      return await step();
    } catch (error) {
      const transient = isTransient(error);
      const kind = transient ? 'transient' : 'unwritten';
      this.#options.observer.failed({ kind, callSid: this.#ended.callSid, doing, error });
      return { failed: transient ? 'transient' : 'permanent' };
    }
  }

  #deadline(waitMs: number): Deadline {
    const { clock } = this.#options;
    const signal = AbortSignal.any([this.#signals.abandoned, this.#signals.expired]);
    return { clock, atMs: clock.now() + waitMs, signal };
  }
}
