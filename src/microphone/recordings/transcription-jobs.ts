import type { Log } from '../../log.ts';
import type { MicrophoneCatalogueSync } from './catalogue-sync.ts';
import type { MicrophoneRecordings, SavedRecording } from './recording-folder.ts';
import type { RecordingTranscriber } from './recording-transcriber.ts';
import { documentOf, documentWithoutText } from './transcript-document.ts';

const DAY_MS = 86_400_000;
/** How long a page that transcribes live has to deliver its transcript. */
export const PAGE_TEXT_WAIT_MS = 120_000;
/** After a failure of the service, doubled each time. */
const FIRST_RETRY_MS = 60_000;
const LONGEST_RETRY_MS = 6 * 3_600_000;

export interface TranscriptionJobsOptions {
  readonly folder: MicrophoneRecordings;
  readonly index: MicrophoneCatalogueSync | undefined;
  /** Undefined: no service is configured; recordings stay pending. */
  readonly recordingTranscriber: RecordingTranscriber | undefined;
  readonly language: string;
  /** PENDING_DAYS: older recordings are given up. */
  readonly pendingDays: number;
  readonly log: Log;
}

interface Job {
  readonly dueAtMs: number;
  readonly retryMs: number;
}

/**
 * Transcribes saved recordings whose transcript is pending, one after the other. The list of them is the directory itself, so it
 * survives a crash.
 */
export class TranscriptionJobs {
  readonly #options: TranscriptionJobsOptions;
  readonly #jobs = new Map<string, Job>();
  readonly #ended = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: TranscriptionJobsOptions) {
    this.#options = options;
  }

  /** A recording whose transcript is pending. A known one keeps its time. */
  add({ name }: Pick<SavedRecording, 'name'>, dueAtMs: number): void {
    if (!this.#jobs.has(name)) this.#jobs.set(name, { dueAtMs, retryMs: FIRST_RETRY_MS });
  }

  /** Starts the next one that is due, unless one is running. */
  tick(atMs: number): void {
    if (this.#running || this.#ended.signal.aborted) return;
    const due = [...this.#jobs].find(([, { dueAtMs }]) => dueAtMs <= atMs);
    if (!due) return;
    this.#running = this.#run(due[0], due[1], atMs).finally(() => (this.#running = undefined));
  }

  /** Aborts requests; the recordings stay pending. */
  close(): void {
    this.#ended.abort();
  }

  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(name: string, job: Job, atMs: number): Promise<void> {
    const { log } = this.#options;
    this.#jobs.delete(name);
    try {
      await this.#transcribe(name, atMs);
    } catch (error) {
      if (this.#ended.signal.aborted) return;
      const retryMs = Math.min(LONGEST_RETRY_MS, 2 * job.retryMs);
      this.#jobs.set(name, { dueAtMs: atMs + job.retryMs, retryMs });
      log.warn({ err: error, file: name }, 'a microphone recording could not be transcribed; will retry');
    }
  }

  async #transcribe(name: string, atMs: number): Promise<void> {
    const { folder, recordingTranscriber, language, pendingDays, log, index } = this.#options;
    const recording = await folder.find(name);
    const file = await folder.pathOf(name);
    if (!recording || file === undefined || recording.transcription !== 'pending') return;
    const isOld = atMs - recording.createdAtMs > pendingDays * DAY_MS;
    if (!recordingTranscriber && !isOld) return;
    const started = performance.now();
    const transcribed = isOld ? undefined : await recordingTranscriber!.transcribe(file, this.#ended.signal);
    const document = transcribed
      ? documentOf(transcribed.utterances, transcribed.missing, language)
      : documentWithoutText('failed');
    const kept = await folder.completeTranscript(name, document);
    if (!kept) return;
    index?.kept(kept);
    const figures = { file: name, utterances: document.utterances.length, missing: document.missing.length };
    log.info(
      { ...figures, tookMs: Math.round(performance.now() - started) },
      'microphone recording transcribed',
    );
  }
}
