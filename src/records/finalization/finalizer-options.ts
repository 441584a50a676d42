import type { Services, Utterance } from '../../call/ports.ts';
import type { Clock } from '../../events/clock.ts';
import type { OpenJournal } from '../../events/open-journal.ts';
import type { JournalWorker } from '../journal-jobs.ts';
import type { CallFiles, CallFileSettings } from '../write-call-files.ts';

/** Texts that were requested during the call and may arrive after its end. */
export interface TextsOfCall {
  /** Resolves when no requested text is outstanding. */
  allTextsArrived(): Promise<void>;
  giveUpTexts(): void;
}

/** A call that has ended. */
export interface CallToFinalize {
  readonly callSid: string;
  readonly journal: OpenJournal;
  /** Undefined: the call is of an earlier process. */
  readonly call: TextsOfCall | undefined;
  /** Utterances of a call whose audio is not kept, by turn. */
  readonly untranscribed: ReadonlyMap<number, Utterance>;
}

export interface FinalizerSettings extends CallFileSettings {
  readonly finishWaitMs: number;
  readonly pendingDays: number;
  readonly keepJournals: boolean;
}

export interface CallFinalizerOptions {
  readonly worker: JournalWorker;
  readonly services: Services;
  readonly settings: FinalizerSettings;
  readonly clock: Clock;
  readonly observer: FinalizerObserver;
}

/** Receives results and failures. */
export interface FinalizerObserver {
  /** The files of a call were written. */
  finished(news: FinalizerSuccess): void;
  failed(news: FinalizerFailure): void;
}

export interface FinalizerSuccess {
  readonly kind: 'finished';
  readonly callSid: string;
  readonly files: CallFiles;
  readonly tookMs: number;
}

export interface FinalizerFailure {
  /**
   * `transient`: will be retried. `unwritten`: a permanent failure to write the files; the journal is kept.
   * `unclosed`: the journal could not be closed after that; this is retried, at the latest by the next start.
   * `service`: a text or the summary did not arrive; it is requested again.
   */
  readonly kind: 'transient' | 'unwritten' | 'unclosed' | 'service';
  /** The service that failed, for the kind `service` only. */
  readonly service?: 'transcription' | 'summary';
  readonly callSid: string;
  readonly doing: string;
  readonly error: unknown;
}

export type FinalizerNews = FinalizerSuccess | FinalizerFailure;
