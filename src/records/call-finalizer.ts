import type { Services, Utterance } from '../call/ports.ts';
import type { OpenJournal } from '../events/open-journal.ts';
import { isTransient } from '../storage/failure-kind.ts';
import type { CallFiles, CallFileSettings } from './call-record.ts';
import type { JournalState, JournalWorker } from './journal-jobs.ts';
import { SummaryRetryPolicy } from './summary-retry-policy.ts';
import { type DeadlineResult, LOOK_MS, withDeadline } from './with-deadline.ts';

/** Between tries in the background: doubling, from half a minute to ten minutes. */
const FIRST_RETRY_MS = 30_000;
const LONGEST_RETRY_MS = 600_000;
/** A full disk may have room again soon: doubling, from five seconds to a minute. */
const FIRST_DISK_RETRY_MS = 5_000;
const LONGEST_DISK_RETRY_MS = 60_000;
const DAY_MS = 86_400_000;
/** Nobody waits for what is fetched in the background, so a service may take its time. */
const BACKGROUND_WAIT_MS = 60_000;
/** What is under way when the server stops gets this long; the next start goes on with the rest. */
const STOPPING_WAIT_MS = 3_000;

/** A call that is over. */
export interface FinishedCall {
  readonly callSid: string;
  readonly journal: OpenJournal;
  /** How many texts were asked for while it was live and have not come yet. */
  awaitedTexts(): number;
  giveUpTexts(): void;
  /** Utterances of a call whose sound is not kept. */
  leftOver(turn: number): Utterance | undefined;
}

export interface CallFinalizerOptions {
  readonly worker: JournalWorker;
  readonly services: Services;
  readonly settings: CallFileSettings & {
    readonly finishWaitMs: number;
    readonly pendingDays: number;
    readonly keepJournals: boolean;
  };
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Told of what went wrong and will be tried again, and of what is done. */
  readonly told: (news: FinalizerNews) => void;
}

/** A step that failed: it is tried again, or the call is given up until the next start. */
type Failed = 'retry' | 'give up';

/** What a journal holds after a round of fetching, and whether that round added to it. */
interface Settled {
  readonly state: JournalState | undefined;
  readonly added: boolean;
}

export type FinalizerNews =
  | {
      readonly kind: 'finished';
      readonly callSid: string;
      readonly files: CallFiles;
      readonly tookMs: number;
    }
  | {
      /** `unwritten`: the files cannot be written, and that does not pass by itself; the journal is kept. */
      readonly kind: 'trouble' | 'unwritten';
      readonly callSid: string;
      readonly doing: string;
      readonly error: unknown;
    };

/** Makes the files of calls that are over: waits a while for late texts, asks for the summary, has the files written. */
export class CallFinalizer {
  readonly #parts: CallFinalizerOptions;
  readonly #running = new Map<Promise<void>, string>();
  readonly #abandoned = new Set<string>();
  #stopping = false;
  #stopByMs = Infinity;

  constructor(parts: CallFinalizerOptions) {
    this.#parts = parts;
  }

  /** Calls that are being finished now, those waiting for late texts included. */
  get unfinished(): number {
    return this.#running.size;
  }

  /** Resolves when the call's files are there; late texts go on being fetched after that. */
  finish(call: FinishedCall): Promise<void> {
    return new Promise((resolve) => {
      const work = this.#finish(call, resolve).catch((error: unknown) =>
        this.#trouble(call, 'finishing', error),
      );
      this.#running.set(work, call.callSid);
      void work.finally(() => {
        this.#running.delete(work);
        resolve();
      });
    });
  }

  /** The call is to be erased: lets go of it and removes its journal. Resolves when that is done. */
  async abandon(callSid: string): Promise<void> {
    this.#abandoned.add(callSid);
    const works = [...this.#running].flatMap(([work, of]) => (of === callSid ? [work] : []));
    await Promise.all(works);
    this.#abandoned.delete(callSid);
  }

  /** No more tries in the background: what is left is taken up by the next start. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#stopByMs = this.#parts.now() + STOPPING_WAIT_MS;
    await Promise.all(this.#running.keys());
  }

  async #finish(call: FinishedCall, filesAreThere: () => void): Promise<void> {
    const { now, settings } = this.#parts;
    const startedAtMs = now();
    let deadlineMs = startedAtMs + settings.finishWaitMs;
    await this.#lateTexts(call, deadlineMs);
    let retryMs = FIRST_RETRY_MS;
    let diskRetryMs = FIRST_DISK_RETRY_MS;
    let filesHoldAll = false;
    const hope = new SummaryRetryPolicy();
    for (;;) {
      const settled = await this.#attempt(call, 'settling', () => this.#settle(call, hope, deadlineMs));
      if (this.#abandoned.has(call.callSid)) break;
      if (settled === 'give up') return call.journal.close('waiting');
      if (settled === 'retry' || settled.added) filesHoldAll = false;
      if (settled !== 'retry') {
        if (!settled.state) return call.journal.close('kept');
        if (!filesHoldAll) {
          const written = await this.#attempt(call, 'writing the files', () =>
            this.#write(call, startedAtMs),
          );
          if (written === 'give up') return call.journal.close('waiting');
          filesHoldAll = written !== 'retry';
        }
        if (filesHoldAll) {
          filesAreThere();
          if (!this.#hopes(settled.state, hope)) break;
          if (!this.#canFetch(settled.state, hope)) return call.journal.close('waiting');
        }
      }
      call.journal.rest();
      if (!this.#stopping) await this.#pause(call, filesHoldAll ? retryMs : diskRetryMs);
      diskRetryMs = filesHoldAll ? FIRST_DISK_RETRY_MS : Math.min(LONGEST_DISK_RETRY_MS, diskRetryMs * 2);
      if (this.#abandoned.has(call.callSid)) break;
      if (this.#stopping) return call.journal.close('pending');
      retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
      deadlineMs = now() + Math.max(settings.finishWaitMs, BACKGROUND_WAIT_MS);
    }
    const isKept = settings.keepJournals && !this.#abandoned.has(call.callSid);
    await call.journal.close(isKept ? 'kept' : 'removed');
  }

  /** Whether more may come, now or later, than the files hold. */
  #hopes(state: JournalState, hope: SummaryRetryPolicy): boolean {
    if (this.#isTooOld(state)) return false;
    return state.missing.length > 0 || this.#wantsSummary(state, hope);
  }

  #canFetch(state: JournalState, hope: SummaryRetryPolicy): boolean {
    if (state.missing.length > 0 && this.#parts.services.transcriber !== undefined) return true;
    return this.#wantsSummary(state, hope);
  }

  #wantsSummary(state: JournalState, hope: SummaryRetryPolicy): boolean {
    if (this.#parts.services.summarizer === undefined || !hope.shouldRetry) return false;
    return state.summaryBy !== 'chat' && state.lines.length > 0;
  }

  #isTooOld(state: JournalState): boolean {
    return this.#parts.now() - state.endedAtMs > this.#parts.settings.pendingDays * DAY_MS;
  }

  async #lateTexts(call: FinishedCall, deadlineMs: number): Promise<void> {
    while (call.awaitedTexts() > 0 && !this.#isLate(deadlineMs)) await this.#parts.sleep(LOOK_MS);
    call.giveUpTexts();
  }

  /** A step on disk: its failures are told, with whether trying again can help. */
  async #attempt<T>(call: FinishedCall, doing: string, step: () => Promise<T>): Promise<T | Failed> {
    try {
      return await step();
    } catch (error) {
      const transient = isTransient(error);
      const kind = transient ? 'trouble' : 'unwritten';
      this.#parts.told({ kind, callSid: call.callSid, doing, error });
      return transient ? 'retry' : 'give up';
    }
  }

  /** Fetches what is missing, as far as it comes in time. Rejects where the journal cannot be written or read. */
  async #settle(call: FinishedCall, hope: SummaryRetryPolicy, deadlineMs: number): Promise<Settled> {
    const { worker } = this.#parts;
    await call.journal.written();
    let state = await worker.state(call.journal.path);
    if (!state) return { state, added: false };
    let added = await this.#transcribe(call, state, deadlineMs);
    if (added) {
      await call.journal.written();
      state = (await worker.state(call.journal.path)) ?? state;
    }
    if (added) hope.renew();
    if (added || (hope.shouldRetry && state.summaryBy !== 'chat'))
      added = (await this.#summarize(call, hope, state, deadlineMs)) || added;
    await call.journal.written();
    return { state: await worker.state(call.journal.path), added };
  }

  /** True where something was added to the journal. */
  async #transcribe(call: FinishedCall, state: JournalState, deadlineMs: number): Promise<boolean> {
    const { transcriber } = this.#parts.services;
    const tooOld = this.#isTooOld(state);
    let added = false;
    for (const turn of state.missing) {
      const utterance = state.recorded
        ? transcriber && (await this.#parts.worker.utterance(call.journal.path, turn))
        : call.leftOver(turn);
      const outcome =
        utterance &&
        transcriber &&
        (await this.#ask(call, 'transcribing', deadlineMs, (signal) =>
          transcriber.transcribe(utterance, signal),
        ));
      const atMs = this.#parts.now();
      if (outcome?.kind === 'given') call.journal.append({ kind: 'text', atMs, turn, text: outcome.value });
      else if (!state.recorded || tooOld) {
        call.journal.append({
          kind: 'no-text',
          atMs,
          turn,
          reason: state.recorded ? 'too old' : 'its sound was not kept',
          final: true,
        });
      } else continue;
      added = true;
    }
    return added;
  }

  /** True where a summary was added to the journal. */
  async #summarize(
    call: FinishedCall,
    hope: SummaryRetryPolicy,
    { lines }: JournalState,
    deadlineMs: number,
  ): Promise<boolean> {
    const { summarizer } = this.#parts.services;
    if (!summarizer || lines.length === 0) return false;
    const outcome = await this.#ask(call, 'summarizing', deadlineMs, (signal) =>
      summarizer.summarize(lines, signal),
    );
    hope.note(outcome);
    if (outcome.kind !== 'given') return false;
    const { value: text } = outcome;
    if (text === '') this.#trouble(call, 'summarizing', new Error('the service had nothing to say'));
    else call.journal.append({ kind: 'summary', atMs: this.#parts.now(), text, by: 'chat' });
    return text !== '';
  }

  async #write(call: FinishedCall, startedAtMs: number): Promise<void> {
    const files = await this.#parts.worker.write(call.journal.path, this.#parts.settings);
    const tookMs = this.#parts.now() - startedAtMs;
    this.#parts.told({ kind: 'finished', callSid: call.callSid, files, tookMs });
  }

  async #ask<T>(
    call: FinishedCall,
    doing: string,
    deadlineMs: number,
    ask: (signal: AbortSignal) => Promise<T>,
  ): Promise<DeadlineResult<T>> {
    const outcome = await withDeadline(
      ask,
      () => this.#isLate(deadlineMs) || this.#abandoned.has(call.callSid),
      this.#parts.sleep,
    );
    if (outcome.kind === 'failed') this.#trouble(call, doing, outcome.error);
    return outcome;
  }

  #isLate(deadlineMs: number): boolean {
    return this.#parts.now() >= Math.min(deadlineMs, this.#stopByMs);
  }

  async #pause({ callSid }: FinishedCall, ms: number): Promise<void> {
    const untilMs = this.#parts.now() + ms;
    const isOver = (): boolean => this.#stopping || this.#abandoned.has(callSid);
    while (!isOver() && this.#parts.now() < untilMs) await this.#parts.sleep(LOOK_MS);
  }

  #trouble(call: FinishedCall, doing: string, error: unknown): void {
    this.#parts.told({ kind: 'trouble', callSid: call.callSid, doing, error });
  }
}
