import { diskSpace } from '../storage/disk-space.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Log } from '../log.ts';
import type { Settings } from '../settings/settings.ts';
import type { RecordingStore } from './microphone-router.ts';
import type { SentTranscript, TranscriptSource } from './microphone-routes.ts';
import { removeAbandonedUploads } from './recordings/abandoned-uploads.ts';
import { MicrophoneCatalogueSync } from './recordings/catalogue-sync.ts';
import { DiskReserve } from './recordings/disk-reserve.ts';
import { MicrophoneRecordings, type SavedRecording } from './recordings/recording-folder.ts';
import type { RecordingTranscriber } from './recordings/recording-transcriber.ts';
import { documentOf, utterancesOfText } from './recordings/transcript-document.ts';
import { PAGE_TEXT_WAIT_MS, TranscriptionJobs } from './recordings/transcription-jobs.ts';

const DAY_MS = 86_400_000;
/** Interval of removing abandoned uploads of crashed processes. */
const SWEEP_EVERY_MS = 600_000;

export interface RecordingLibraryOptions {
  readonly settings: Settings;
  readonly catalogue: Catalogue | undefined;
  /** Undefined: no transcription is configured. */
  readonly recordingTranscriber: RecordingTranscriber | undefined;
  readonly log: Log;
  readonly now: () => number;
}

/** Recordings of the microphone with their transcripts: in the directory, in the catalogue, and those still to be transcribed. */
export class RecordingLibrary implements RecordingStore {
  readonly reserve: DiskReserve;
  readonly #options: RecordingLibraryOptions;
  readonly #folder: MicrophoneRecordings;
  readonly #index: MicrophoneCatalogueSync | undefined;
  readonly #jobs: TranscriptionJobs;
  readonly #language: string;
  #sweptAtMs = 0;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(options: RecordingLibraryOptions) {
    const { settings, catalogue, recordingTranscriber, log } = options;
    this.#options = options;
    const language = settings.call.talk.language;
    this.#language = language;
    const folder = new MicrophoneRecordings(settings.recording.microphoneDirectory, (file, reason) =>
      log.warn({ file, reason }, 'file in the microphone directory is not listed'),
    );
    this.#folder = folder;
    this.reserve = new DiskReserve({
      reserveBytes: settings.limits.diskReserveBytes,
      space: () => diskSpace(folder.directory),
    });
    this.#index = catalogue && new MicrophoneCatalogueSync({ folder, catalogue, language, log });
    const { pendingDays } = settings.limits;
    const index = this.#index;
    this.#jobs = new TranscriptionJobs({ folder, index, recordingTranscriber, language, pendingDays, log });
  }

  get uploads(): string {
    return this.#folder.uploads;
  }

  /** Synchronises the catalogue with the recordings, and removes abandoned uploads. */
  open(): void {
    this.#index?.compare();
    this.#sweep(this.#options.now());
  }

  async keep(uploaded: string, transcript: TranscriptSource): Promise<SavedRecording | string> {
    const atMs = this.#options.now();
    const wanted = transcript === 'none' ? 'none' : 'pending';
    const kept = await this.#folder.keep(uploaded, new Date(atMs), wanted).catch((error: unknown) => {
      this.#options.log.error({ err: error }, 'a recording of the microphone could not be stored');
      throw error;
    });
    if (typeof kept !== 'string') this.#kept(kept, atMs + (transcript === 'page' ? PAGE_TEXT_WAIT_MS : 0));
    return kept;
  }

  list(): Promise<SavedRecording[]> {
    return this.#folder.list();
  }

  pathOf(name: string): Promise<string | undefined> {
    return this.#folder.pathOf(name);
  }

  transcriptOf(name: string): Promise<string | undefined> {
    return this.#folder.transcriptOf(name);
  }

  async keepTranscript(name: string, sent: SentTranscript): Promise<SavedRecording | undefined> {
    const recording = await this.#folder.find(name);
    if (!recording) return undefined;
    const { text = '', utterances = utterancesOfText(text, recording.durationMs) } = sent;
    const document = documentOf(utterances, sent.missing ?? [], sent.language ?? this.#language);
    const kept = await this.#folder.keepTranscript(name, document, sent.text);
    if (kept) this.#index?.kept(kept);
    return kept;
  }

  async rename(name: string, newName: string): Promise<SavedRecording | 'taken' | undefined> {
    const renamed = await this.#folder.rename(name, newName);
    if (renamed === undefined || renamed === 'taken') return renamed;
    this.#index?.removed(name);
    this.#kept(renamed, this.#options.now());
    return renamed;
  }

  async remove(name: string): Promise<boolean> {
    const removed = await this.#folder.remove(name);
    if (removed) this.#index?.removed(name);
    return removed;
  }

  tick(atMs: number): void {
    if (atMs - this.#sweptAtMs >= SWEEP_EVERY_MS) this.#sweep(atMs);
    this.#jobs.tick(atMs);
  }

  /** Transcriptions are aborted; they begin again at the next start. */
  close(): void {
    this.#jobs.close();
  }

  /** Resolves when pending catalogue updates and removals are done. */
  async idle(): Promise<void> {
    await this.#sweeping;
    await this.#jobs.idle();
    await this.#index?.idle();
  }

  #kept(recording: SavedRecording, dueAtMs: number): void {
    this.#index?.kept(recording);
    if (recording.transcription === 'pending') this.#jobs.add(recording, dueAtMs);
  }

  #sweep(atMs: number): void {
    this.#sweptAtMs = atMs;
    this.#sweeping = this.#tidy(new Date(atMs));
  }

  async #tidy(now: Date): Promise<void> {
    const { log } = this.#options;
    try {
      const removed = await removeAbandonedUploads(this.uploads, now);
      if (removed > 0) log.warn({ removed }, 'abandoned uploads removed');
      for (const saved of await this.#folder.retryUnsaved()) {
        log.info({ file: saved.name }, 'a recording of the microphone was stored at another attempt');
        this.#index?.kept(saved);
      }
      await this.#removeExpired(now.getTime());
      await this.#findPending(now.getTime());
    } catch (error) {
      log.warn({ err: error }, 'recordings of the microphone could not be tidied; will retry');
    }
  }

  /** Recordings whose transcript is pending since before a crash. A page may still have the text of a new one. */
  async #findPending(atMs: number): Promise<void> {
    for (const recording of await this.#folder.list())
      if (recording.transcription === 'pending')
        this.#jobs.add(recording, Math.max(atMs, recording.createdAtMs + PAGE_TEXT_WAIT_MS));
  }

  /** Deletes recordings older than MICROPHONE_RETENTION_DAYS, with their transcripts. */
  async #removeExpired(atMs: number): Promise<void> {
    const { settings, log } = this.#options;
    const { microphoneDays: days } = settings.limits;
    if (days === 0) return;
    const expired = (await this.#folder.list()).filter(
      ({ createdAtMs }) => atMs - createdAtMs > days * DAY_MS,
    );
    for (const { name } of expired) await this.remove(name);
    if (expired.length > 0)
      log.info({ days, removed: expired.length }, 'expired microphone recordings deleted');
  }
}
