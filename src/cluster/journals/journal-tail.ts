import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** A journal that is to be replicated. */
export interface ReplicatedCall {
  readonly callSid: string;
  readonly path: string;
  readonly fence: number;
  /** Where its part that is not replicated yet begins. */
  readonly offset: number;
}

/** Bytes that are read at once at most, of all journals: this thread reads one after the other. */
export const MOST_BYTES = 256 * 1024;
/** Without anything to send, Redis is asked this often whether it still has the journal. */
const CHECK_EVERY_MS = 5_000;
const scratch = Buffer.allocUnsafe(MOST_BYTES);

interface Waiter {
  readonly length: number;
  reached(): void;
}

/** The end of a journal file that another thread writes: what of it is replicated, and what is not. */
export class JournalTail {
  readonly callSid: string;
  readonly path: string;
  fence: number;
  /** Why the last portion was not taken, and when to try again. */
  trouble: { readonly text: string; readonly untilMs: number } | undefined;
  readonly #waiters = new Set<Waiter>();
  #offset: number;
  #file: number | undefined;
  /** What is not replicated. `isBehind`: the last portion did not reach the end of the file. */
  #unsent: { readonly sinceMs: number; readonly isBehind: boolean } | undefined;
  #answeredAtMs = -Infinity;

  constructor({ callSid, path, fence, offset }: ReplicatedCall) {
    this.callSid = callSid;
    this.path = path;
    this.fence = fence;
    this.#offset = offset;
  }

  /** The length of the replicated part. */
  get offset(): number {
    return this.#offset;
  }

  get isBehind(): boolean {
    return this.#unsent?.isBehind ?? false;
  }

  /** What follows the replicated part, at most `bytes` of it. Empty: everything is replicated. Throws if the file cannot be read. */
  read(bytes: number, atMs: number): Buffer {
    this.#file ??= openSync(this.path, 'r');
    const count = readSync(this.#file, scratch, 0, Math.min(bytes, MOST_BYTES), this.#offset);
    const isBehind = count === Math.min(bytes, MOST_BYTES);
    this.#unsent = count === 0 ? undefined : { sinceMs: this.#unsent?.sinceMs ?? atMs, isBehind };
    return Buffer.from(scratch.subarray(0, count));
  }

  /** Whether Redis is to be asked for the journal although everything is replicated: it may have lost what it had. */
  isToBeChecked(atMs: number): boolean {
    return this.#waiters.size > 0 || atMs - this.#answeredAtMs >= CHECK_EVERY_MS;
  }

  /** Redis has the journal up to `length`. */
  replicatedUpTo(length: number, atMs: number): void {
    this.#offset = length;
    this.#answeredAtMs = atMs;
    this.trouble = undefined;
    if (!this.isBehind) this.#unsent = undefined;
    for (const waiter of this.#waiters) {
      if (waiter.length > length) continue;
      this.#waiters.delete(waiter);
      waiter.reached();
    }
  }

  /** Redis has another length of the journal than was assumed. False: it is longer than the file, which has lost data. */
  continueAt(length: number, atMs: number): boolean {
    if (length > this.#length()) return false;
    this.#unsent = { sinceMs: this.#unsent?.sinceMs ?? atMs, isBehind: true };
    this.replicatedUpTo(length, atMs);
    return true;
  }

  /** Calls `reached` when Redis says next that it has everything that is in the file now. Throws if the file cannot be read. */
  whenReplicated(reached: () => void): void {
    this.#waiters.add({ length: this.#length(), reached });
  }

  /** Bytes that are not replicated, and since when. */
  unsent(atMs: number): { readonly bytes: number; readonly sinceMs: number } {
    const bytes = Math.max(0, this.#length() - this.#offset);
    if (bytes > 0) this.#unsent ??= { sinceMs: atMs, isBehind: false };
    return { bytes, sinceMs: bytes > 0 ? (this.#unsent?.sinceMs ?? atMs) : atMs };
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #length(): number {
    this.#file ??= openSync(this.path, 'r');
    return fstatSync(this.#file).size;
  }
}
