import { randomUUID } from 'node:crypto';
import { readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { errorCode, errorText } from '../../storage/file-system-errors.ts';

/** The ending says that no transcript is wanted. */
const UNSAVED_NAME = /^unsaved_(\d+)_[0-9a-f-]{36}(_none)?\.wav$/u;

/** A received recording could not be stored; it was kept for another attempt. */
export class UnsavedRecording extends Error {
  override readonly name = 'UnsavedRecording';
  readonly code: string | undefined;

  constructor(cause: unknown) {
    super(`The recording could not be stored and is kept for another attempt (${errorText(cause)}).`, {
      cause,
    });
    this.code = errorCode(cause);
  }
}

/** Whether an upload was kept because it could not be stored. */
export function isUnsaved(name: string): boolean {
  return UNSAVED_NAME.test(name);
}

interface UnsavedFile {
  readonly file: string;
  readonly at: Date;
  readonly wanted: 'pending' | 'none';
}

/** Received recordings that could not be stored, in the directory of uploads. */
export class UnsavedRecordings {
  readonly #uploads: string;

  constructor(uploads: string) {
    this.#uploads = uploads;
  }

  /** Keeps an upload. `at`: when it was recorded. */
  async add(uploaded: string, at: Date, wanted: 'pending' | 'none'): Promise<void> {
    const name = `unsaved_${at.getTime()}_${randomUUID()}${wanted === 'none' ? '_none' : ''}.wav`;
    await rename(uploaded, path.join(this.#uploads, name));
  }

  async list(): Promise<UnsavedFile[]> {
    return (await readdir(this.#uploads)).flatMap((name) => {
      const [, atMs, none] = UNSAVED_NAME.exec(name) ?? [];
      if (atMs === undefined) return [];
      const wanted = none === undefined ? 'pending' : 'none';
      return [{ file: path.join(this.#uploads, name), at: new Date(Number(atMs)), wanted }];
    });
  }
}
