import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { isProgrammingError } from '../../log.ts';
import { fileModeIn } from '../../storage/directories.ts';
import { syncNames } from '../../storage/durable-file.ts';
import { DiskError } from '../../storage/failure-kind.ts';
import type { RedisKeys } from '../keys.ts';
import type { RedisClient } from '../redis-connection.ts';
import { RedisScript } from '../redis-script.ts';
import { BYTES_FIELD, OFFSET_FIELD, removeJournal } from './append-script.ts';

/** A reply ends with the entry that reaches this size. Entries have about 2 kB, after an outage up to 256 KiB. */
const REPLY_BYTES = 256 * 1024;
/** What a reply may have more than that is read by Redis in vain. */
const ENTRIES_AT_ONCE = 8;

/**
 * KEYS: stream. ARGV: identifier from which on, bytes, number of entries that are read at once. Entries until their size reaches `bytes`, at least one,
 * if there is one: a client waits for each reply, so the limit of that wait is one of progress, whatever the length of the journal.
 */
const READ = new RedisScript(`
  local from, found, bytes = ARGV[1], {}, 0
  while bytes < tonumber(ARGV[2]) do
    local entries = redis.call('XRANGE', KEYS[1], from, '+', 'COUNT', ARGV[3])
    for _, entry in ipairs(entries) do
      if bytes >= tonumber(ARGV[2]) then break end
      found[#found + 1] = entry
      for _, text in ipairs(entry[2]) do bytes = bytes + #text end
    end
    if #entries < tonumber(ARGV[3]) then break end
    from = '(' .. entries[#entries][1]
  end
  return found`);

type StreamEntries = readonly (readonly [Buffer, readonly Buffer[]])[];

interface Entry {
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
   * machine that downloads has taken the call before, so no other machine appends to the journal. Rejects if Redis fails, and with a
   * `DiskError` if the disk does.
   */
  async download(callSid: string, to: string): Promise<'complete' | 'absent'> {
    const { temporary } = this.#options;
    const unfinished = path.join(temporary, `${path.basename(to)}.${randomUUID()}`);
    try {
      const length = await this.#writeTo(unfinished, callSid);
      if (length === 0) return 'absent';
      await onDisk(() => rename(unfinished, to));
    } finally {
      await onDisk(() => rm(unfinished, { force: true }));
    }
    await onDisk(() => syncNames(path.dirname(to)));
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
    const file = await onDisk(() => open(target, 'wx', fileModeIn(path.dirname(target))));
    try {
      const journal = new DownloadedJournal(file);
      for await (const entries of this.#entries(callSid)) {
        await onDisk(async () => {
          for (const { offset, bytes } of entries) await journal.add(offset, bytes);
          await journal.flush();
        });
      }
      await onDisk(() => file.sync());
      return journal.length;
    } finally {
      await onDisk(() => file.close());
    }
  }

  async *#entries(callSid: string): AsyncGenerator<readonly Entry[]> {
    const { client, keys } = this.#options;
    let from = '-';
    for (;;) {
      const args = [from, REPLY_BYTES, ENTRIES_AT_ONCE];
      const answer = (await READ.runForBytes(client, [keys.journal(callSid)], args)) as StreamEntries;
      const last = answer.at(-1);
      if (!last) return;
      yield answer.map(([, fields]) => entryOf(fields));
      from = `(${last[0].toString()}`;
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

function entryOf(fields: readonly Buffer[]): Entry {
  const valueOf = (name: string): Buffer | undefined =>
    fields.find((_, index) => index % 2 === 1 && fields[index - 1]!.toString() === name);
  // An entry that is no part of a journal leaves a gap.
  const offset = Number(valueOf(OFFSET_FIELD) ?? NaN);
  return {
    offset: Number.isSafeInteger(offset) && offset >= 0 ? offset : Infinity,
    bytes: valueOf(BYTES_FIELD) ?? Buffer.alloc(0),
  };
}

/** An error of the disk as such: Redis fails with the same codes. A programming error remains one. */
async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DiskError || isProgrammingError(error)) throw error;
    throw new DiskError('the disk does not take a downloaded journal', { cause: error });
  }
}
