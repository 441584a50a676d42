import { sentenceFor } from '../frame/ask-server.ts';
import { Level } from '../sound/level-meter.ts';
import { Recorder } from '../sound/recorder.ts';
import { type SavedRecording, saveRecording, saveTranscript } from '../sound/save-recording.ts';
import { peakOf, WavEncoder } from '../sound/wav-encoder.ts';
import { DictationLink, type WrittenLine } from './dictation.ts';
import { transcriptText } from './download.ts';
import { serviceNotice } from './service-notice.ts';

const DRAW_EVERY_MS = 100;
/** An hour takes 350 MB of the browser's memory. */
const LONGEST_MS = 3_600_000;

export type RecordingState = 'idle' | 'opening' | 'recording' | 'saving' | 'saved' | 'unsaved';

/** Makes one recording after another: from the microphone to a file on the server, with live transcription. */
export class Recording {
  state: RecordingState = 'idle';
  problem: string | undefined;
  /** Why the transcript could not be saved. */
  textProblem: string | undefined;
  saved: SavedRecording | undefined;
  writeDown = true;
  /** The length of the parts that are transcribed; undefined: utterances, with partial texts. */
  chunkSeconds: number | undefined;
  dictation: DictationLink | undefined;
  #noService: string | undefined;
  #keptText: string | undefined;
  readonly #changed: () => void;
  readonly #level = new Level();
  #recorder: Recorder | undefined;
  #encoder: WavEncoder | undefined;
  #drawing: ReturnType<typeof setInterval> | undefined;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get durationMs(): number {
    return this.#encoder?.durationMs ?? 0;
  }

  get levelDb(): number {
    return this.#level.nowDb();
  }

  get lines(): readonly WrittenLine[] {
    return this.dictation?.lines ?? [];
  }

  /** The current action must end before another recording can begin. */
  get busy(): boolean {
    return ['opening', 'recording', 'saving'].includes(this.state) || this.dictation?.finishing === true;
  }

  /** Why transcription is unavailable. */
  get notice(): string | undefined {
    return this.dictation ? this.dictation.notice : this.#noService;
  }

  /** The transcript, once it is complete. Missing parts have a line in it. */
  get wholeText(): string | undefined {
    const { lines, missing = [], state = '' } = this.dictation ?? {};
    if (!lines || !['over', 'off'].includes(state) || lines.length + missing.length === 0) return undefined;
    return transcriptText(lines, missing);
  }

  /** Whether the current text is saved with the recording. */
  get textKept(): boolean {
    return this.saved?.transcript !== undefined && this.#keptText === this.wholeText;
  }

  /** The recording as it is, for download if saving fails. */
  get file(): Blob | undefined {
    return this.#encoder?.file();
  }

  /** Whether the next recording is transcribed. */
  choose(writeDown: boolean): void {
    this.writeDown = writeDown;
    this.#changed();
  }

  async start(): Promise<void> {
    if (this.busy) return;
    this.problem = undefined;
    this.textProblem = undefined;
    this.saved = undefined;
    this.dictation = undefined;
    this.#encoder = undefined;
    this.#become('opening');
    try {
      const recorder = await Recorder.open({
        block: (samples) => this.#hear(samples),
        lost: () => void this.stop('The microphone was disconnected. The recording so far is saved.'),
      });
      this.#begin(recorder);
    } catch (error) {
      this.problem = sentenceFor(error);
      this.#become('idle');
    }
  }

  async stop(problem?: string): Promise<void> {
    if (this.state !== 'recording') return;
    this.problem = problem;
    this.#become('saving');
    clearInterval(this.#drawing);
    await this.#recorder?.close();
    this.#level.reset();
    await Promise.all([this.#save(), this.dictation?.finish()]);
    await this.keepText();
  }

  /** Retries a save that failed. */
  async saveAgain(): Promise<void> {
    this.problem = undefined;
    await this.#save();
    await this.keepText();
  }

  /** Warns before the recording starts if there is no transcription service. */
  async checkService(): Promise<void> {
    this.#noService = await serviceNotice();
    this.#changed();
  }

  async #save(): Promise<void> {
    if (!this.#encoder) return;
    if (this.#encoder.samples === 0) {
      this.problem ??= 'Nothing was recorded: the microphone delivered no sound. Record a little longer.';
      this.#become('idle');
      return;
    }
    this.#become('saving');
    try {
      this.saved = await saveRecording(this.#encoder.file(), this.#source);
      this.#become('saved');
    } catch (error) {
      this.problem = sentenceFor(error);
      this.#become('unsaved');
    }
  }

  /** Transcribes missing parts, and saves what came of it. */
  async retryMissing(): Promise<void> {
    await this.dictation?.retry();
    await this.keepText();
  }

  /** Saves the complete transcript with the recording. */
  async keepText(): Promise<void> {
    const text = this.wholeText;
    if (!this.saved || !this.dictation || text === undefined || this.textKept) return;
    const { lines } = this.dictation;
    const utterances = lines.map(({ startMs, endMs, text: words }) => ({ startMs, endMs, text: words }));
    const missing = this.dictation.missing.map(({ startMs, endMs }) => ({ startMs, endMs }));
    this.textProblem = undefined;
    try {
      this.saved = await saveTranscript(this.saved, { utterances, missing });
      this.#keptText = text;
    } catch (error) {
      this.textProblem = sentenceFor(error);
    }
    this.#changed();
  }

  /** The page transcribes, unless it has no service; then the server does, once it has one. */
  get #source(): 'page' | 'server' | 'none' {
    if (!this.writeDown) return 'none';
    return this.dictation?.state === 'off' ? 'server' : 'page';
  }

  #begin(recorder: Recorder): void {
    this.#recorder = recorder;
    const encoder = new WavEncoder(recorder.sampleRateHz);
    this.#encoder = encoder;
    if (this.writeDown)
      this.dictation = new DictationLink({
        recording: encoder,
        rateHz: recorder.sampleRateHz,
        chunkSeconds: this.chunkSeconds,
        changed: this.#changed,
      });
    this.#drawing = setInterval(this.#changed, DRAW_EVERY_MS);
    this.#become('recording');
  }

  #hear(samples: Float32Array): void {
    if (!this.#encoder) return;
    this.#encoder.add(samples);
    this.#level.hear(peakOf(samples));
    this.dictation?.more();
    if (this.#encoder.durationMs >= LONGEST_MS)
      void this.stop(
        'The limit of one hour is reached and the recording is saved. Start a new one to continue.',
      );
  }

  #become(state: RecordingState): void {
    this.state = state;
    this.#changed();
  }
}
