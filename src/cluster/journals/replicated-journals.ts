import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileModeIn } from '../../storage/directories.ts';
import { syncNames } from '../../storage/durable-file.ts';
import { DiskError } from '../../storage/failure-kind.ts';
import type { RedisKeys } from '../keys.ts';
import type { RedisClient } from '../redis-connection.ts';
import { BYTES_FIELD, OFFSET_FIELD, removeJournal } from './append-script.ts';

/** Entries of one request. They have about 2 kB, after an outage up to 256 KiB. */
const ENTRIES = 64;

interface Entry {
  readonly id: string;
  readonly offset: number;
  readonly bytes: Buffer;
}

export interface ReplicatedJournalsOptions {
  readonly client: RedisClient;
  readonly keys: RedisKeys;
  /** A folder for incomplete files, on the file system of the journals. */
  readonly temporary: string;
}

/** Journals of calls in Redis, as files. */
export class ReplicatedJournals {
  readonly #options: ReplicatedJournalsOptions;

  constructor(options: ReplicatedJournalsOptions) {
    this.#options = options;
  }

  /**
   * Writes a call's journal to a file, which is on disk under its name when this resolves. The last record may be incomplete. The
   * machine that downloads has taken the call before, so no other machine appends to the journal. Rejects if Redis or the disk fails.
   */
  async download(callSid: string, to: string): Promise<'complete' | 'absent'> {
    const { temporary } = this.#options;
    const unfinished = path.join(temporary, `${path.basename(to)}.${randomUUID()}`);
    try {
      const length = await this.#writeTo(unfinished, callSid);
      if (length === 0) return 'absent';
      await rename(unfinished, to);
    } finally {
      await rm(unfinished, { force: true });
    }
    await syncNames(path.dirname(to));
    return 'complete';
  }

  /** Whether a part of a call's journal is in Redis. Rejects if Redis fails. */
  async has(callSid: string): Promise<boolean> {
    const { client, keys } = this.#options;
    return (await client.exists(keys.journal(callSid))) === 1;
  }

  /** Removes a call's journal. False: another machine has the call. Rejects if Redis fails. */
  remove(callSid: string, fence: number): Promise<boolean> {
    const { client, keys } = this.#options;
    return removeJournal(client, keys, { callSid, fence });
  }

  /** Returns the length of the file. */
  async #writeTo(target: string, callSid: string): Promise<number> {
    const file = await open(target, 'wx', fileModeIn(path.dirname(target)));
    try {
      const journal = new DownloadedJournal(file);
      for await (const entries of this.#entries(callSid)) {
        for (const { offset, bytes } of entries) await journal.add(offset, bytes);
        await journal.flush();
      }
      await file.sync();
      return journal.length;
    } finally {
      await file.close();
    }
  }

  async *#entries(callSid: string): AsyncGenerator<readonly Entry[]> {
    const { client, keys } = this.#options;
    const stream = keys.journal(callSid);
    let from = '-';
    for (;;) {
      const answer = await client.xrangeBuffer(stream, from, '+', 'COUNT', ENTRIES);
      const entries = answer.map(([id, fields]) => entryOf(id, fields));
      if (entries.length > 0) yield entries;
      if (entries.length < ENTRIES) return;
      from = following(entries.at(-1)!.id);
    }
  }
}

/** A journal file that is put together from the entries of a stream. */
class DownloadedJournal {
  readonly #file: FileHandle;
  /** What follows the written part of the file. */
  #held: Buffer[] = [];
  #written = 0;
  #length = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  get length(): number {
    return this.#length;
  }

  /** An entry within the file replaces everything from its place on. One after a gap is left out: a journal has no holes. */
  async add(offset: number, bytes: Buffer): Promise<void> {
    if (offset > this.#length) return;
    if (offset < this.#length) {
      await this.flush();
      await this.#file.truncate(offset);
      this.#written = offset;
    }
    this.#held.push(bytes);
    this.#length = offset + bytes.length;
  }

  async flush(): Promise<void> {
    let bytes = Buffer.concat(this.#held);
    this.#held = [];
    while (bytes.length > 0) {
      const { bytesWritten } = await this.#file.write(bytes, 0, bytes.length, this.#written);
      if (bytesWritten === 0) throw new DiskError('the disk took nothing more of a downloaded journal');
      this.#written += bytesWritten;
      bytes = bytes.subarray(bytesWritten);
    }
  }
}

function entryOf(id: Buffer, fields: readonly Buffer[]): Entry {
  const valueOf = (name: string): Buffer | undefined =>
    fields.find((_, index) => index % 2 === 1 && fields[index - 1]!.toString() === name);
  // An entry that is no part of a journal leaves a gap.
  const offset = Number(valueOf(OFFSET_FIELD) ?? NaN);
  return {
    id: id.toString(),
    offset: Number.isSafeInteger(offset) && offset >= 0 ? offset : Infinity,
    bytes: valueOf(BYTES_FIELD) ?? Buffer.alloc(0),
  };
}

/** The first possible identifier after one: milliseconds and a number, which is never that large. */
function following(id: string): string {
  const [ms, number] = id.split('-');
  return `${ms}-${Number(number) + 1}`;
}
