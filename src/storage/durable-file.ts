import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { createDirectory, fileModeIn } from './directories.ts';
import { DiskError } from './failure-kind.ts';
import { isUnsupported } from './file-system-errors.ts';

const READ_BYTES = 256 * 1024;

/** What was written, as it was read back. */
export interface WrittenFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * A file that is either complete under its name or not there: written aside, synced, read back, renamed, its folder
 * synced. Blocks while it writes, so it belongs into a worker. Any failure throws and leaves nothing behind.
 */
export class DurableFile {
  readonly #path: string;
  readonly #aside: string;
  readonly #file: number;
  /** The system gives the number of a closed descriptor to the next file: it must be closed once. */
  #state: 'open' | 'closed' = 'open';
  #length = 0;

  /** `aside`: a folder on the same file system for what is not complete. */
  constructor(target: string, aside: string) {
    createDirectory(aside);
    createDirectory(path.dirname(target));
    this.#path = target;
    this.#aside = path.join(aside, `${path.basename(target)}.${randomUUID()}`);
    this.#file = openSync(this.#aside, 'wx+', fileModeIn(aside));
  }

  append(bytes: Uint8Array): void {
    this.patch(this.#length, bytes);
    this.#length += bytes.length;
  }

  /** Writes over existing bytes, or at the end. A short write is continued where it stopped. */
  patch(offset: number, bytes: Uint8Array): void {
    let written = 0;
    while (written < bytes.length) {
      const count = writeSync(this.#file, bytes, written, bytes.length - written, offset + written);
      if (count === 0) throw new DiskError(`the disk took nothing more of ${path.basename(this.#path)}`);
      written += count;
    }
  }

  commit(): WrittenFile {
    try {
      fsyncSync(this.#file);
      const { sizeBytes, sha256 } = digest(this.#file);
      if (sizeBytes !== this.#length)
        throw new DiskError(`${path.basename(this.#path)} is ${sizeBytes} bytes, not ${this.#length}`);
      this.#close();
      renameSync(this.#aside, this.#path);
      syncDirectory(path.dirname(this.#path));
      return { path: this.#path, sizeBytes, sha256 };
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  abandon(): void {
    try {
      this.#close();
    } finally {
      rmSync(this.#aside, { force: true });
    }
  }

  /** The descriptor is released even if this throws. */
  #close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    closeSync(this.#file);
  }
}

/** Removes incomplete files whose names begin like that. No living process may be writing them. */
export function removeUnfinished(aside: string, beginning: string): void {
  createDirectory(aside);
  for (const name of readdirSync(aside))
    if (name.startsWith(beginning)) rmSync(path.join(aside, name), { force: true });
}

export function writeDurably(target: string, aside: string, text: string): WrittenFile {
  const file = new DurableFile(target, aside);
  try {
    file.append(Buffer.from(text, 'utf8'));
  } catch (error) {
    file.abandon();
    throw error;
  }
  return file.commit();
}

/**
 * As `writeDurably`, for small texts, without blocking: for the thread that serves live calls. The file is either complete
 * or unchanged, and on disk when this resolves. `unfinished`: its temporary name, on the same file system.
 */
export async function replaceDurably(target: string, unfinished: string, text: string): Promise<void> {
  createDirectory(path.dirname(target));
  try {
    const file = await open(unfinished, 'wx', fileModeIn(path.dirname(unfinished)));
    try {
      await file.writeFile(text, 'utf8');
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, target);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  await syncNames(path.dirname(target));
}

/** As `syncDirectory`, without blocking. */
export async function syncNames(folder: string): Promise<void> {
  try {
    await syncPath(folder);
  } catch (error) {
    if (!isUnsupported(error)) throw error;
  }
}

/** Syncs the content of a file to disk. */
export async function syncPath(target: string): Promise<void> {
  const handle = await open(target, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Length and SHA-256 (hex) of a file on disk. */
export function digestOf(target: string): { sizeBytes: number; sha256: string } {
  const file = openSync(target, 'r');
  try {
    return digest(file);
  } finally {
    closeSync(file);
  }
}

function digest(file: number): { sizeBytes: number; sha256: string } {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(READ_BYTES);
  let sizeBytes = 0;
  for (
    let read = readSync(file, chunk, 0, READ_BYTES, 0);
    read > 0;
    read = readSync(file, chunk, 0, READ_BYTES, sizeBytes)
  ) {
    hash.update(chunk.subarray(0, read));
    sizeBytes += read;
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

/**
 * Syncs the names in a directory. Some file systems cannot do that (FAT, SMB, shared folders of virtual machines); names
 * may then be lost in a power failure, which `file-system-probe.ts` reports.
 */
export function syncDirectory(folder: string): void {
  try {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    if (!isUnsupported(error)) throw error;
  }
}
