import { randomUUID } from 'node:crypto';
import { lstat, rm } from 'node:fs/promises';
import path from 'node:path';
import { replaceDurably } from '../storage/durable-file.ts';

/** Texts beside recordings of the microphone: `recording_….wav` has `recording_….txt`. Names come checked. */
export class TranscriptFiles {
  readonly #directory: string;
  readonly #aside: string;

  /** `aside`: a folder on the same file system for what is not complete. */
  constructor(directory: string, aside: string) {
    this.#directory = directory;
    this.#aside = aside;
  }

  /** Complete under its name or not there; takes the place of the one before. */
  async write(recording: string, text: string): Promise<void> {
    const name = transcriptName(recording);
    const unfinished = path.join(this.#aside, `${name}.${randomUUID()}`);
    await replaceDurably(path.join(this.#directory, name), unfinished, text);
  }

  /** Where it lies; undefined where the recording has none. A symbolic link is none. */
  async pathOf(recording: string): Promise<string | undefined> {
    const file = path.join(this.#directory, transcriptName(recording));
    const facts = await lstat(file).catch(() => undefined);
    return facts?.isFile() ? file : undefined;
  }

  async remove(recording: string): Promise<void> {
    await rm(path.join(this.#directory, transcriptName(recording)), { force: true });
  }
}

export function transcriptName(recording: string): string {
  return recording.replace(/\.wav$/iu, '.txt');
}
