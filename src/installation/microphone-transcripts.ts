import { randomUUID } from 'node:crypto';
import { lstat, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** Texts beside recordings of the microphone: `recording_….wav` has `recording_….txt`. Names come checked. */
export class MicrophoneTranscripts {
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
    const aside = path.join(this.#aside, `${name}.${randomUUID()}`);
    try {
      const file = await open(aside, 'wx');
      try {
        await file.writeFile(text, 'utf8');
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(aside, path.join(this.#directory, name));
    } catch (error) {
      await rm(aside, { force: true });
      throw error;
    }
    await syncPath(this.#directory);
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

/** Of a file its content, of a folder its names: what is on disk afterwards stays there. */
export async function syncPath(target: string): Promise<void> {
  const handle = await open(target, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
