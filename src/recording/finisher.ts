import type { CallEvent } from '../call/events.ts';
import type { Services, Utterance } from '../call/ports.ts';
import type { CaseFiles, CaseSettings } from './case-file.ts';
import type { CaseState, CaseWorker } from './case-worker.ts';

/** Between tries in the background: doubling, from half a minute to ten minutes. */
const FIRST_RETRY_MS = 30_000;
const LONGEST_RETRY_MS = 600_000;
/** How often a wait looks whether what it waits for has come. */
const LOOK_MS = 100;

/** A call's journal while the call is being finished. */
export interface OpenJournal {
  readonly path: string;
  append(event: CallEvent): void;
  /** Resolves when all that was appended is on disk; rejects when the disk does not take it. */
  written(): Promise<void>;
  /** Done with: `kept` stays to be replayed or taken up by a later start, otherwise it is removed. */
  close(end: 'removed' | 'kept' | 'pending'): Promise<void>;
}

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

export interface FinisherParts {
  readonly worker: CaseWorker;
  readonly services: Services;
  readonly settings: CaseSettings & {
    readonly finishWaitMs: number;
    readonly pendingDays: number;
    readonly keepJournals: boolean;
  };
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Told of what went wrong and will be tried again, and of what is done. */
  readonly told: (news: FinishNews) => void;
}

export type FinishNews =
  | {
      readonly kind: 'finished';
      readonly callSid: string;
      readonly files: CaseFiles;
      readonly tookMs: number;
    }
  | { readonly kind: 'trouble'; readonly callSid: string; readonly doing: string; readonly error: unknown };

/** Makes the files of calls that are over: waits a while for late texts, asks for the summary, has the files written. */
export class Finisher {
  readonly #parts: FinisherParts;
  readonly #running = new Set<Promise<void>>();
  #stopping = false;

  constructor(parts: FinisherParts) {
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
      this.#running.add(work);
      void work.finally(() => {
        this.#running.delete(work);
        resolve();
      });
    });
  }

  /** No more tries in the background: what is left is taken up by the next start. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#running);
  }

  async #finish(call: FinishedCall, filesAreThere: () => void): Promise<void> {
    const { now } = this.#parts;
    const startedAtMs = now();
    const deadlineMs = startedAtMs + this.#parts.settings.finishWaitMs;
    await this.#lateTexts(call, deadlineMs);
    let state = await this.#settle(call, deadlineMs);
    let retryMs = FIRST_RETRY_MS;
    for (;;) {
      const written = await this.#write(call, startedAtMs);
      if (written) filesAreThere();
      if (written && !this.#hopes(state)) break;
      if (this.#stopping) return call.journal.close('pending');
      if (written && !this.#canStillFetch()) return call.journal.close('pending');
      await this.#pause(written ? retryMs : Math.min(retryMs, 5_000));
      if (this.#stopping) return call.journal.close('pending');
      retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
      state = await this.#settle(call, now() + this.#parts.settings.finishWaitMs);
    }
    await call.journal.close(this.#parts.settings.keepJournals ? 'kept' : 'removed');
  }

  /** Whether more may come than the files hold now. */
  #hopes(state: CaseState | undefined): boolean {
    if (!state) return false;
    const wantsSummary = this.#parts.services.summarizer !== undefined && state.summaryBy !== 'chat';
    return state.missing.length > 0 || (wantsSummary && state.lines.length > 0);
  }

  #canStillFetch(): boolean {
    return this.#parts.services.transcriber !== undefined || this.#parts.services.summarizer !== undefined;
  }

  async #lateTexts(call: FinishedCall, deadlineMs: number): Promise<void> {
    while (call.awaitedTexts() > 0 && this.#parts.now() < deadlineMs) await this.#parts.sleep(LOOK_MS);
    call.giveUpTexts();
  }

  /** Fetches what is missing, as far as it comes in time. */
  async #settle(call: FinishedCall, deadlineMs: number): Promise<CaseState | undefined> {
    const { worker } = this.#parts;
    try {
      await call.journal.written();
      let state = await worker.state(call.journal.path);
      if (!state) return undefined;
      const added = await this.#transcribe(call, state, deadlineMs);
      if (added) {
        await call.journal.written();
        state = (await worker.state(call.journal.path)) ?? state;
      }
      await this.#summarize(call, state, added, deadlineMs);
      await call.journal.written();
      return await worker.state(call.journal.path);
    } catch (error) {
      this.#trouble(call, 'settling', error);
      return undefined;
    }
  }

  /** True where something was added to the journal. */
  async #transcribe(call: FinishedCall, state: CaseState, deadlineMs: number): Promise<boolean> {
    const { transcriber } = this.#parts.services;
    const tooOld = this.#parts.now() - state.endedAtMs > this.#parts.settings.pendingDays * 86_400_000;
    let added = false;
    for (const turn of state.missing) {
      const utterance = state.recorded
        ? transcriber && (await this.#parts.worker.utterance(call.journal.path, turn))
        : call.leftOver(turn);
      const text =
        utterance &&
        transcriber &&
        (await this.#try(call, 'transcribing', deadlineMs, (signal) =>
          transcriber.transcribe(utterance, signal),
        ));
      const atMs = this.#parts.now();
      if (text !== undefined) call.journal.append({ kind: 'text', atMs, turn, text });
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

  async #summarize(call: FinishedCall, state: CaseState, added: boolean, deadlineMs: number): Promise<void> {
    const { summarizer } = this.#parts.services;
    if (!summarizer || state.lines.length === 0) return;
    if (state.summaryBy === 'chat' && !added) return;
    const text = await this.#try(call, 'summarizing', deadlineMs, (signal) =>
      summarizer.summarize(state.lines, signal),
    );
    if (text) call.journal.append({ kind: 'summary', atMs: this.#parts.now(), text, by: 'chat' });
  }

  async #write(call: FinishedCall, startedAtMs: number): Promise<boolean> {
    try {
      const files = await this.#parts.worker.write(call.journal.path, this.#parts.settings);
      const tookMs = this.#parts.now() - startedAtMs;
      this.#parts.told({ kind: 'finished', callSid: call.callSid, files, tookMs });
      return true;
    } catch (error) {
      this.#trouble(call, 'writing the files', error);
      return false;
    }
  }

  /** What a service gives before the deadline; undefined when it fails or is late. */
  async #try<T>(
    call: FinishedCall,
    doing: string,
    deadlineMs: number,
    ask: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | undefined> {
    const abort = new AbortController();
    let over = false;
    const answer = ask(abort.signal).then(
      (value) => ({ value }),
      (error: unknown) => {
        if (!over) this.#trouble(call, doing, error);
        return { value: undefined };
      },
    );
    const late = this.#until(deadlineMs, () => over).then(() => undefined);
    const first = await Promise.race([answer, late]);
    over = true;
    if (!first) abort.abort();
    return first?.value;
  }

  async #until(deadlineMs: number, over: () => boolean): Promise<void> {
    while (!over() && this.#parts.now() < deadlineMs) await this.#parts.sleep(LOOK_MS);
  }

  async #pause(ms: number): Promise<void> {
    const untilMs = this.#parts.now() + ms;
    while (!this.#stopping && this.#parts.now() < untilMs) await this.#parts.sleep(LOOK_MS);
  }

  #trouble(call: FinishedCall, doing: string, error: unknown): void {
    this.#parts.told({ kind: 'trouble', callSid: call.callSid, doing, error });
  }
}
