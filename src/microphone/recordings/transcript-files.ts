import { randomUUID } from 'node:crypto';
import { lstat, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { replaceDurably } from '../../storage/durable-file.ts';

/** Transcripts of microphone recordings: `recording_….wav` has `recording_….txt`. The names are already validated. */
export class TranscriptFiles {
  readonly #directory: string;
  readonly #temporary: string;

  /** `temporary`: a directory for incomplete files on the same file system. */
  constructor(directory: string, temporary: string) {
    this.#directory = directory;
    this.#temporary = temporary;
  }

  /** Replaces the transcript atomically. */
  async write(recording: string, text: string): Promise<void> {
    const name = transcriptName(recording);
    const unfinished = path.join(this.#temporary, `${name}.${randomUUID()}`);
    await replaceDurably(path.join(this.#directory, name), unfinished, text);
  }

  /** The path of a transcript; undefined if there is none. A symbolic link is ignored. */
  async pathOf(recording: string): Promise<string | undefined> {
    const file = path.join(this.#directory, transcriptName(recording));
    const facts = await lstat(file).catch(() => undefined);
    return facts?.isFile() ? file : undefined;
  }

  /** A text of the new name, without a recording, is replaced. */
  async rename(recording: string, newName: string): Promise<void> {
    const file = await this.pathOf(recording);
    if (file === undefined) await this.remove(newName);
    else await rename(file, path.join(this.#directory, transcriptName(newName)));
  }

  async remove(recording: string): Promise<void> {
    await rm(path.join(this.#directory, transcriptName(recording)), { force: true });
  }
}

export function transcriptName(recording: string): string {
  return recording.replace(/\.wav$/iu, '.txt');
}
