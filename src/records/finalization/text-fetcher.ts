import { ServiceError, type Services, type Utterance } from '../../call/ports.ts';
import type { OpenJournal } from '../../events/open-journal.ts';
import type { CallToFinalize, FinalizerObserver } from './finalizer-options.ts';
import type { JournalWorker } from '../journal-jobs.ts';
import { type LateEvent, missingTexts, withLateEvents } from './late-events.ts';
import type { ReconstructedCall } from '../reconstructed-call.ts';
import { SummaryRetryPolicy } from './summary-retry-policy.ts';
import { transcriptLines, transcriptOf } from '../text/transcript.ts';
import { type Deadline, type DeadlineResult, withDeadline } from './with-deadline.ts';

const DAY_MS = 86_400_000;

type LateService = 'transcription' | 'summary';
const DOING: Readonly<Record<LateService, string>> = {
  transcription: 'transcribing',
  summary: 'summarizing',
};

export interface TextFetcherOptions {
  readonly worker: JournalWorker;
  readonly services: Services;
  readonly observer: FinalizerObserver;
  /** Texts are requested for this long after the end of the call. */
  readonly pendingDays: number;
}

/** A call after a round of requests. `added`: the round appended events to its journal. */
export interface Fetched {
  readonly call: ReconstructedCall;
  readonly added: boolean;
}

/** Requests the missing texts and the summary of one ended call and appends them to its journal. */
export class TextFetcher {
  readonly #options: TextFetcherOptions;
  readonly #ended: CallToFinalize;
  readonly #journal: OpenJournal;
  readonly #policy = new SummaryRetryPolicy();

  constructor(options: TextFetcherOptions, ended: CallToFinalize) {
    this.#options = options;
    this.#ended = ended;
    this.#journal = ended.journal;
  }

  /** Requests everything that is missing until the deadline. Rejects if the journal cannot be written or read. */
  async fetch(call: ReconstructedCall, deadline: Deadline): Promise<Fetched> {
    const texts = await this.#transcribe(call, deadline);
    const transcribed = withLateEvents(call, texts);
    if (texts.length > 0) this.#policy.textsAdded();
    const summary = await this.#summarize(transcribed, texts.length > 0, deadline);
    const added = texts.length > 0 || summary !== undefined;
    if (added) await this.#journal.written();
    return { call: summary ? withLateEvents(transcribed, [summary]) : transcribed, added };
  }

  /** Whether a text or a summary may still arrive, from a service that is configured now or later. */
  mayArrive(call: ReconstructedCall, atMs: number): boolean {
    if (this.#isTooOld(call, atMs)) return false;
    return missingTexts(call).length > 0 || this.#wantsSummary(call);
  }

  /** Whether a configured service can still provide something. */
  canFetch(call: ReconstructedCall): boolean {
    if (missingTexts(call).length > 0 && this.#options.services.transcriber !== undefined) return true;
    return this.#wantsSummary(call);
  }

  #wantsSummary(call: ReconstructedCall): boolean {
    if (this.#options.services.summarizer === undefined || !this.#policy.shouldRetry) return false;
    return call.summary?.by !== 'chat' && linesOf(call).length > 0;
  }

  #isTooOld(call: ReconstructedCall, atMs: number): boolean {
    return atMs - call.endedAtMs > this.#options.pendingDays * DAY_MS;
  }

  async #transcribe(call: ReconstructedCall, deadline: Deadline): Promise<LateEvent[]> {
    const added: LateEvent[] = [];
    for (const turn of missingTexts(call)) {
      const event = await this.#textOf(call, turn, deadline);
      if (event) added.push(this.#append(event));
    }
    return added;
  }

  /** Undefined if no text arrived and a later one is possible. */
  async #textOf(call: ReconstructedCall, turn: number, deadline: Deadline): Promise<LateEvent | undefined> {
    const utterance = await this.#utteranceOf(call, turn);
    const text = utterance && (await this.#requestText(utterance, deadline));
    const atMs = deadline.clock.now();
    if (text?.kind === 'completed') return { kind: 'text', atMs, turn, text: text.value };
    if (!call.recorded) {
      return { kind: 'no-text', atMs, turn, reason: 'the audio was not kept', final: true };
    }
    if (this.#isTooOld(call, atMs)) return { kind: 'no-text', atMs, turn, reason: 'too old', final: true };
    return undefined;
  }

  async #utteranceOf(call: ReconstructedCall, turn: number): Promise<Utterance | undefined> {
    if (!call.recorded) return this.#ended.untranscribed.get(turn);
    if (!this.#options.services.transcriber) return undefined;
    return this.#options.worker.utterance(this.#journal.path, call, turn);
  }

  async #requestText(utterance: Utterance, deadline: Deadline): Promise<DeadlineResult<string> | undefined> {
    const { transcriber } = this.#options.services;
    if (!transcriber) return undefined;
    const request = (signal: AbortSignal) => transcriber.transcribe(utterance, signal);
    return this.#request('transcription', request, deadline);
  }

  /** `renewed`: there are texts that no earlier summary contains. */
  async #summarize(
    call: ReconstructedCall,
    renewed: boolean,
    deadline: Deadline,
  ): Promise<LateEvent | undefined> {
    const { summarizer } = this.#options.services;
    const lines = linesOf(call);
    if (!summarizer || lines.length === 0) return undefined;
    if (!renewed && (!this.#policy.shouldRetry || call.summary?.by === 'chat')) return undefined;
    const request = (signal: AbortSignal) => summarizer.summarize(lines, signal);
    const result = await this.#request('summary', request, deadline);
    this.#policy.record(result);
    if (result.kind !== 'completed') return undefined;
    if (result.value !== '')
      return this.#append({ kind: 'summary', atMs: deadline.clock.now(), text: result.value, by: 'chat' });
    this.#report('summary', emptySummary());
    return undefined;
  }

  #append(event: LateEvent): LateEvent {
    this.#journal.append(event);
    return event;
  }

  async #request<T>(
    service: LateService,
    request: (signal: AbortSignal) => Promise<T>,
    deadline: Deadline,
  ): Promise<DeadlineResult<T>> {
    const result = await withDeadline(request, deadline);
    if (result.kind === 'failed') this.#report(service, result.error);
    return result;
  }

  #report(service: LateService, error: unknown): void {
    const { callSid } = this.#ended;
    this.#options.observer.failed({ kind: 'service', service, callSid, doing: DOING[service], error });
  }
}

function emptySummary(): ServiceError {
  const details = { said: 'the service returned an empty summary' };
  return new ServiceError('chat', 'writing a summary', { transient: false, details });
}

function linesOf(call: ReconstructedCall): string[] {
  return transcriptLines(transcriptOf(call));
}
