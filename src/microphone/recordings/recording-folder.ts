import { lstatSync } from 'node:fs';
import { chmod, lstat, readdir, rm, utimes } from 'node:fs/promises';
import path from 'node:path';
import type { MicrophoneRecording, TranscriptionState } from '../../catalogue/microphone-entry.ts';
import { createDirectory, fileModeIn } from '../../storage/directories.ts';
import { syncNames, syncPath } from '../../storage/durable-file.ts';
import { moveToNewName } from '../../storage/move-to-new-name.ts';
import { isRecordingName, microphoneRecordingName, NAME_RULE, recordedAt } from './recording-name.ts';
import { documentWithoutText, type TranscriptDocument } from './transcript-document.ts';
import { TranscriptFiles, transcriptName } from './transcript-files.ts';
import { UnreadableFiles } from './unreadable-files.ts';
import { UnsavedRecording, UnsavedRecordings } from './unsaved-recordings.ts';
import { WavProbe } from './wav-probe.ts';

/** Recordings with the same second in their names. */
const MAX_PER_SECOND = 1_000;
/** Files that are read in parallel for a list, since a process has a limit of open files. */
const MAX_PARALLEL_READS = 16;
const BAD_NAME = `Its name must have ${NAME_RULE}.`;

/** Whether a new recording is to be transcribed. */
export type WantedTranscript = 'pending' | 'none';

/** A recording in the directory. */
export type SavedRecording = Pick<
  MicrophoneRecording,
  'name' | 'createdAtMs' | 'sizeBytes' | 'durationMs'
> & {
  /** Undefined: no transcript was requested, as for a file that was copied into the directory. */
  readonly transcription?: TranscriptionState | undefined;
  /** The name of its transcript's file, if there is one. */
  readonly transcript?: string | undefined;
};

/** Recordings of the browser's microphone: a WAV file each, with a transcript. Symbolic links are not followed, read or deleted. */
export class MicrophoneRecordings {
  readonly directory: string;
  /** For incomplete files. */
  readonly uploads: string;
  readonly #transcripts: TranscriptFiles;
  readonly #probe = new WavProbe();
  readonly #unsaved: UnsavedRecordings;
  readonly #unreadable: UnreadableFiles;
  #changing: Promise<unknown> = Promise.resolve();

  /** `directory` is absolute; it is created if it does not exist. `unreadable` is told of each such WAV file once. */
  constructor(directory: string, unreadable?: (name: string, reason: string) => void) {
    this.directory = directory;
    this.#unreadable = new UnreadableFiles(unreadable);
    this.uploads = path.join(directory, '.uploads');
    createDirectory(directory);
    createDirectory(this.uploads);
    if (lstatSync(this.uploads).isSymbolicLink())
      throw new Error(`${this.uploads} is a symbolic link; it must be a folder.`);
    this.#transcripts = new TranscriptFiles(directory, this.uploads);
    this.#unsaved = new UnsavedRecordings(this.uploads);
  }

  /**
   * Stores an uploaded file as `recording_YYYYMMDD_HHMMSS.wav`; a string is the reason why it is refused. `uploaded` is a path on the
   * same file system; it is removed in any case. Throws `UnsavedRecording` if the disk does not take it: it is then kept aside.
   */
  async keep(
    uploaded: string,
    at: Date,
    wanted: WantedTranscript = 'none',
  ): Promise<SavedRecording | string> {
    try {
      const kept = await this.#store(uploaded, at, wanted);
      await rm(uploaded, { force: true });
      return kept;
    } catch (error) {
      await this.#unsaved.add(uploaded, at, wanted);
      throw new UnsavedRecording(error);
    }
  }

  /** Stores what could not be stored before. */
  async retryUnsaved(): Promise<SavedRecording[]> {
    const saved: SavedRecording[] = [];
    for (const { file, at, wanted } of await this.#unsaved.list()) {
      const kept = await this.#store(file, at, wanted);
      if (typeof kept !== 'string') saved.push(kept);
    }
    return saved;
  }

  /** Latest first. Other files are ignored. */
  async list(): Promise<SavedRecording[]> {
    const entries = await readdir(this.directory, { withFileTypes: true });
    const all = entries.flatMap((entry) => (entry.isFile() ? entry.name : []));
    const names = all.filter(isRecordingName);
    this.#unreadable.forgetOthers(all);
    for (const name of all)
      if (/\.wav$/iu.test(name) && !isRecordingName(name)) this.#unreadable.add(name, BAD_NAME);
    this.#probe.forgetOthers(names.map((name) => path.join(this.directory, name)));
    const found: SavedRecording[] = [];
    const waiting = names.values();
    const texts = new Set(all);
    const look = async () => {
      for (const name of waiting) {
        const recording = await this.#look(name, texts);
        if (recording) found.push(recording);
      }
    };
    await Promise.all(Array.from({ length: MAX_PARALLEL_READS }, look));
    return found.sort(latestFirst);
  }

  /** The path of a recording; undefined if there is no such recording. */
  async pathOf(name: string): Promise<string | undefined> {
    return (await this.#look(name)) && path.join(this.directory, name);
  }

  find(name: string): Promise<SavedRecording | undefined> {
    return this.#look(name);
  }

  /** A recording's transcript with its times; undefined if it has none. `language`: of a text that says nothing about it. */
  async transcriptDocument(name: string, language: string): Promise<TranscriptDocument | undefined> {
    const recording = await this.#look(name);
    return recording && this.#transcripts.read(name, recording.durationMs, language);
  }

  /** Writes the transcript of a recording that is still pending. Undefined if it no longer is. */
  completeTranscript(name: string, document: TranscriptDocument): Promise<SavedRecording | undefined> {
    return this.#change(async () => {
      const recording = await this.#look(name);
      return recording?.transcription === 'pending' ? this.#writeTranscript(name, document) : undefined;
    });
  }

  /** Writes or replaces the transcript of a recording. `text`: as it was sent. Undefined if there is no such recording. */
  keepTranscript(
    name: string,
    document: TranscriptDocument,
    text?: string,
  ): Promise<SavedRecording | undefined> {
    return this.#change(() => this.#writeTranscript(name, document, text));
  }

  /** The path of a recording's transcript; undefined if it has none. */
  async transcriptOf(name: string): Promise<string | undefined> {
    return (await this.#look(name)) && this.#transcripts.pathOf(name);
  }

  /** Renames a recording and its transcript. `taken`: another recording has that name. Undefined if there is no such recording. */
  rename(name: string, newName: string): Promise<SavedRecording | 'taken' | undefined> {
    return this.#change(async () => {
      const file = await this.pathOf(name);
      if (file === undefined || !isRecordingName(newName)) return undefined;
      if (!(await moveToNewName(file, path.join(this.directory, newName)))) return 'taken';
      await this.#transcripts.rename(name, newName);
      await syncNames(this.directory);
      return this.#look(newName);
    });
  }

  /** Deletes a recording and its transcript. False if there is no such recording. */
  remove(name: string): Promise<boolean> {
    return this.#change(async () => {
      const file = await this.pathOf(name);
      if (file === undefined) return false;
      // First, so that no transcript is left of a deleted recording.
      await this.#transcripts.remove(name);
      await rm(file, { force: true });
      return true;
    });
  }

  /** A string is the reason why the file is refused. */
  async #store(uploaded: string, at: Date, wanted: WantedTranscript): Promise<SavedRecording | string> {
    const facts = (await new WavProbe().probe(uploaded)) ?? 'The file is gone.';
    if (typeof facts === 'string') return facts;
    // Some file systems have no permissions.
    await chmod(uploaded, fileModeIn(this.uploads)).catch(() => undefined);
    await syncPath(uploaded);
    const second = new Date(Math.floor(at.getTime() / 1_000) * 1_000);
    // The name has the local time alone; some file systems do not let their files be dated.
    await utimes(uploaded, second, second).catch(() => undefined);
    const name = await this.#move(uploaded, second, wanted);
    await syncNames(this.directory);
    const { sizeBytes, durationMs } = facts;
    return { name, createdAtMs: second.getTime(), sizeBytes, durationMs, transcription: wanted };
  }

  /** Makes one change after the other: none sees another one half done. */
  #change<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(change);
    this.#changing = done.catch(() => undefined);
    return done;
  }

  async #writeTranscript(
    name: string,
    document: TranscriptDocument,
    text?: string,
  ): Promise<SavedRecording | undefined> {
    if (!(await this.#look(name))) return undefined;
    await this.#transcripts.write(name, document, text);
    const kept = await this.#look(name);
    // Another program deleted the recording meanwhile.
    if (!kept) await this.#transcripts.remove(name);
    return kept;
  }

  /** The `.json` comes first: a recording always says whether it is to be transcribed. */
  async #move(uploaded: string, at: Date, wanted: WantedTranscript): Promise<string> {
    for (let count = 1; count <= MAX_PER_SECOND; count += 1) {
      const name = microphoneRecordingName(at, count);
      const file = path.join(this.directory, name);
      if ((await lstat(file).catch(() => undefined)) !== undefined) continue;
      await this.#transcripts.write(name, documentWithoutText(wanted));
      if (await moveToNewName(uploaded, file)) return name;
    }
    throw new Error('too many recordings in one second');
  }

  /** `files`: the directory's files, if known. */
  async #look(name: string, files?: ReadonlySet<string>): Promise<SavedRecording | undefined> {
    if (!isRecordingName(name)) return undefined;
    const facts = await this.#probe.probe(path.join(this.directory, name));
    if (typeof facts === 'string') this.#unreadable.add(name, facts);
    if (facts === undefined || typeof facts === 'string') return undefined;
    const { sizeBytes, durationMs, changedAtMs } = facts;
    const createdAtMs = recordedAt(name, changedAtMs)?.atMs ?? changedAtMs;
    const text = transcriptName(name);
    const hasText = files ? files.has(text) : (await this.#transcripts.pathOf(name)) !== undefined;
    const document = hasText ? undefined : await this.#transcripts.read(name, durationMs, '');
    const transcription = hasText ? 'done' : document?.transcription;
    return {
      name,
      createdAtMs,
      sizeBytes,
      durationMs,
      transcription,
      transcript: hasText ? text : undefined,
    };
  }
}

function latestFirst(a: SavedRecording, b: SavedRecording): number {
  const count = ({ name }: SavedRecording) => recordedAt(name, 0)?.count ?? 0;
  return b.createdAtMs - a.createdAtMs || count(b) - count(a) || (a.name < b.name ? 1 : -1);
}
