import { lstatSync } from 'node:fs';
import { link, lstat, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { MicrophoneRecording } from '../catalogue/catalogue.ts';
import { createDirectory } from '../storage/directories.ts';
import { syncPath } from '../storage/durable-file.ts';
import { isRecordingName, microphoneRecordingName, recordedAt } from './recording-name.ts';
import { TranscriptFiles, transcriptName } from './transcript-files.ts';
import { WavProbe } from './wav-probe.ts';

/** Recordings that begin in one second. */
const MOST_OF_A_SECOND = 1_000;
/** Files that are looked at at once for a list: each may be open, and a process may not open very many. */
const MOST_LOOKED_AT = 16;
/** What was not written to for so long is no upload that goes on: no request lasts that long between two pieces. */
const LEFT_AFTER_MS = 3_600_000;

/** A recording as it lies in the folder. */
export type SavedRecording = Omit<MicrophoneRecording, 'sha256'> & {
  /** The file beside it, where there is one. */
  readonly transcript?: string;
};

/**
 * Recordings of the browser's microphone, one WAV file each, in a folder of their own; a transcript may lie beside it.
 * Symbolic links in the folder are not followed: they are not listed, read, written to or deleted.
 */
export class MicrophoneRecordings {
  readonly directory: string;
  /** For what is not complete. */
  readonly uploads: string;
  readonly #transcripts: TranscriptFiles;
  readonly #looker = new WavProbe();

  /** `directory`: absolute; made where it is not there. */
  constructor(directory: string) {
    this.directory = directory;
    this.uploads = path.join(directory, '.uploads');
    createDirectory(this.uploads);
    if (lstatSync(this.uploads).isSymbolicLink())
      throw new Error(`${this.uploads} is a symbolic link; it must be a folder.`);
    this.#transcripts = new TranscriptFiles(directory, this.uploads);
  }

  /**
   * Takes a complete file over as `recording_YYYYMMDD_HHMMSS.wav`; a string says why it is not taken. `uploaded`: a path
   * on the same file system, which is gone afterwards in any case.
   */
  async keep(uploaded: string, at: Date): Promise<SavedRecording | string> {
    try {
      const facts = (await new WavProbe().look(uploaded)) ?? 'The file is gone.';
      if (typeof facts === 'string') return facts;
      await syncPath(uploaded);
      const name = await this.#link(uploaded, at);
      await syncPath(this.directory);
      const { sizeBytes, durationMs } = facts;
      return { name, createdAtMs: recordedAt(name)!.atMs, sizeBytes, durationMs };
    } finally {
      await rm(uploaded, { force: true });
    }
  }

  /** Latest first. What is no WAV file is left out. */
  async list(): Promise<SavedRecording[]> {
    const entries = await readdir(this.directory, { withFileTypes: true });
    const all = entries.flatMap((entry) => (entry.isFile() ? entry.name : []));
    const names = all.filter(isRecordingName);
    this.#looker.keepOnly(names.map((name) => path.join(this.directory, name)));
    const found: SavedRecording[] = [];
    const waiting = names.values();
    const texts = new Set(all);
    const look = async () => {
      for (const name of waiting) {
        const recording = await this.#look(name, texts);
        if (recording) found.push(recording);
      }
    };
    await Promise.all(Array.from({ length: MOST_LOOKED_AT }, look));
    return found.sort(latestFirst);
  }

  /** Where a recording lies; undefined where there is none of that name. */
  async pathOf(name: string): Promise<string | undefined> {
    return (await this.#look(name)) && path.join(this.directory, name);
  }

  /** Lays a text beside a recording, or another one in its place. Undefined: there is no recording of that name. */
  async keepTranscript(name: string, text: string): Promise<SavedRecording | undefined> {
    if (!(await this.#look(name))) return undefined;
    await this.#transcripts.write(name, text);
    const kept = await this.#look(name);
    // The recording was removed meanwhile: nothing of it stays.
    if (!kept) await this.#transcripts.remove(name);
    return kept;
  }

  /** Where a recording's transcript lies; undefined where it has none. */
  async transcriptOf(name: string): Promise<string | undefined> {
    return (await this.#look(name)) && this.#transcripts.pathOf(name);
  }

  /** With its transcript. False where there was none. */
  async remove(name: string): Promise<boolean> {
    const file = await this.pathOf(name);
    if (file === undefined) return false;
    // First, so that whatever happens in between no text is left of a recording that is gone.
    await this.#transcripts.remove(name);
    await rm(file, { force: true });
    await this.#transcripts.remove(name);
    return true;
  }

  /** Removes what processes that were killed have left of uploads. */
  async sweep(now: Date): Promise<void> {
    for (const name of await readdir(this.uploads)) {
      const file = path.join(this.uploads, name);
      const facts = await lstat(file).catch(() => undefined);
      if (facts && now.getTime() - facts.mtimeMs > LEFT_AFTER_MS) await rm(file, { force: true });
    }
  }

  async #link(uploaded: string, at: Date): Promise<string> {
    for (let count = 1; count <= MOST_OF_A_SECOND; count += 1) {
      const name = microphoneRecordingName(at, count);
      try {
        // Fails where the name is taken, by another process too.
        await link(uploaded, path.join(this.directory, name));
        return name;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
    throw new Error('more recordings began in one second than there are names for');
  }

  /** `files`: those in the folder, where that is known. */
  async #look(name: string, files?: ReadonlySet<string>): Promise<SavedRecording | undefined> {
    if (!isRecordingName(name)) return undefined;
    const facts = await this.#looker.look(path.join(this.directory, name));
    if (facts === undefined || typeof facts === 'string') return undefined;
    const { sizeBytes, durationMs, changedAtMs } = facts;
    const createdAtMs = recordedAt(name)?.atMs ?? changedAtMs;
    const text = transcriptName(name);
    const hasText = files ? files.has(text) : (await this.#transcripts.pathOf(name)) !== undefined;
    return { name, createdAtMs, sizeBytes, durationMs, ...(hasText && { transcript: text }) };
  }
}

function latestFirst(a: SavedRecording, b: SavedRecording): number {
  const count = ({ name }: SavedRecording) => recordedAt(name)?.count ?? 0;
  return b.createdAtMs - a.createdAtMs || count(b) - count(a) || (a.name < b.name ? 1 : -1);
}
