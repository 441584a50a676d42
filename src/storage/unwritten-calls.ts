import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { writeDurably } from './durable-file.ts';

const REASON_NAME = /^(CA[0-9a-f]{32})\.unwritten\.txt$/iu;
/** How many reasons are kept in memory when they cannot be written to disk. */
const MAX_IN_MEMORY = 1_000;

/**
 * Calls whose files could not be written because of a permanent error, and that error. Each is in a text file beside the
 * pending journal, so that every process that uses the directory can read it.
 */
export class UnwrittenCalls {
  readonly #waiting: string;
  readonly #aside: string;
  readonly #inMemory = new Map<string, string>();

  constructor(waiting: string, aside: string) {
    this.#waiting = waiting;
    this.#aside = aside;
  }

  /** Returns false if the reason could not be written to disk; it is then kept in memory. */
  add(callSid: string, reason: string): boolean {
    try {
      writeDurably(this.pathOf(callSid), this.#aside, reason);
      return true;
    } catch {
      if (this.#inMemory.size < MAX_IN_MEMORY) this.#inMemory.set(callSid, reason);
      return false;
    }
  }

  /** Forgets a call, because its files were written or it was erased. */
  remove(callSid: string): void {
    this.#inMemory.delete(callSid);
    rmSync(this.pathOf(callSid), { force: true });
  }

  has(callSid: string): boolean {
    return this.#inMemory.has(callSid) || existsSync(this.pathOf(callSid));
  }

  reasonOf(callSid: string): string | undefined {
    try {
      return readFileSync(this.pathOf(callSid), 'utf8');
    } catch {
      return this.#inMemory.get(callSid);
    }
  }

  list(): string[] {
    const onDisk = readdirSync(this.#waiting).flatMap((name) => REASON_NAME.exec(name)?.[1] ?? []);
    return [...new Set([...onDisk, ...this.#inMemory.keys()])];
  }

  pathOf(callSid: string): string {
    return path.join(this.#waiting, `${callSid}.unwritten.txt`);
  }
}
