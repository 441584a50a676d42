import path from 'node:path';
import type { AudioFormat } from '../../audio/formats/formats.ts';
import type { CallEvent } from '../../events/call-events.ts';
import type { ReconstructedCall } from '../reconstructed-call.ts';
import { recordingSamples } from './audio-timeline.ts';
import { type RecordingFile, type RecordingSettings, RecordingWriter } from './recording-writer.ts';
import { recordingName } from './render-recording.ts';
import { type JournalSource, SettledAudio } from './settled-audio.ts';

/** Blocks of a second that are encoded at a time: a call that has ended waits for the thread no longer than they take. */
const MOST_BLOCKS = 60;

/** Where a call's recording is written, and how it is encoded. */
export interface LiveRecordingSettings extends RecordingSettings {
  readonly directory: string;
  /** A directory on the same file system for incomplete files. */
  readonly temporary: string;
}

/**
 * What became of an advance. `behind`: more can be encoded at once. `unrecorded`: the journal has no audio. `changed`: the
 * format of the recording has changed, so it must begin anew.
 */
export type LiveProgress = 'current' | 'behind' | 'unrecorded' | 'changed';

interface OpenFile {
  readonly writer: RecordingWriter;
  readonly format: AudioFormat;
}

/**
 * The recording of a call that lasts, encoded as far as it is settled. The journal stays the truth: an error loses only the
 * incomplete file.
 */
export class LiveRecording {
  readonly #audio: SettledAudio;
  readonly #settings: LiveRecordingSettings;
  #call: { readonly callSid: string; readonly recorded: boolean } | undefined;
  #format: AudioFormat = 'mp3';
  #file: OpenFile | undefined;

  constructor(source: JournalSource, settings: LiveRecordingSettings) {
    this.#audio = new SettledAudio(source);
    this.#settings = settings;
  }

  /** Encodes what has been settled, at most a minute of it. Throws if the disk refuses; the recording must then be abandoned. */
  async advance(): Promise<LiveProgress> {
    this.#audio.read((event) => this.#take(event));
    if (!this.#call) return 'current';
    if (!this.#call.recorded) return 'unrecorded';
    if (this.#file && this.#file.format !== this.#format) return 'changed';
    this.#file ??= await this.#open(this.#call.callSid);
    let blocks = 0;
    for (const block of this.#audio.blocks()) {
      this.#file.writer.append(block);
      blocks += 1;
      if (blocks === MOST_BLOCKS) return 'behind';
    }
    return 'current';
  }

  /**
   * Completes the file, given the call of the whole journal. Undefined if what was encoded is not the beginning of its recording;
   * it must then be abandoned.
   */
  finish(call: ReconstructedCall): RecordingFile | undefined {
    const rest = this.#file?.format === call.format ? this.#audio.rest(call) : undefined;
    if (!this.#file || !rest) return undefined;
    for (const block of rest) this.#file.writer.append(block);
    return this.#file.writer.finish(recordingSamples(call));
  }

  /** Removes the incomplete file. */
  abandon(): void {
    this.#file?.writer.abandon();
    this.#file = undefined;
  }

  #take(event: CallEvent): void {
    if (event.kind === 'ringing') this.#call ??= event;
    if (event.kind === 'ringing' || event.kind === 'format') this.#format = event.format;
  }

  async #open(callSid: string): Promise<OpenFile> {
    const format = this.#format;
    const { directory, temporary: aside } = this.#settings;
    const target = path.join(directory, recordingName(callSid, format));
    return { writer: await RecordingWriter.open(format, this.#settings, { target, aside }), format };
  }
}
