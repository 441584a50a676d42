import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { replaceDurably } from '../../storage/durable-file.ts';

/** The confirmed progress of a multipart upload. */
export interface UploadState {
  readonly url: string;
  readonly uploadId: string;
  /** Of the whole file; a different file at the same URL starts a new upload. */
  readonly sha256: string;
  /** Of each confirmed part, in order. */
  readonly etags: readonly string[];
  readonly failedCompletions: number;
}

/** Stores the states of multipart uploads, so that they can be resumed after a restart. */
export class UploadStates {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(url: string): Promise<UploadState | undefined> {
    return readState(this.#file(url));
  }

  async write(state: UploadState): Promise<void> {
    const target = this.#file(state.url);
    await replaceDurably(target, `${target}.${randomUUID()}`, JSON.stringify(state));
  }

  remove(url: string): Promise<void> {
    return rm(this.#file(url), { force: true });
  }

  /** Uploads without progress since a time. */
  async writtenBefore(atMs: number): Promise<UploadState[]> {
    const found: UploadState[] = [];
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const file = path.join(this.#folder, name);
      const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Infinity }));
      if (mtimeMs >= atMs) continue;
      const state = name.endsWith('.json') ? await readState(file) : undefined;
      if (state) found.push(state);
      else await rm(file, { force: true });
    }
    return found;
  }

  #file(url: string): string {
    return path.join(this.#folder, `${createHash('sha256').update(url).digest('hex').slice(0, 32)}.json`);
  }
}

async function readState(file: string): Promise<UploadState | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as UploadState;
  } catch {
    return undefined;
  }
}
