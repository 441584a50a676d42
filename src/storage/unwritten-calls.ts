import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { writeDurably } from './durable-file.ts';

const REASON_NAME = /^(CA[0-9a-f]{32})\.unwritten\.txt$/iu;
/** Reasons that the disk does not take are kept in memory, as many as this. */
const MOST_IN_MEMORY = 1_000;

/**
 * Calls whose files could not be written for a reason that does not pass by itself, and that reason. It lies beside the
 * waiting journal, so that every process on the folder knows it.
 */
export class UnwrittenCalls {
  readonly #waiting: string;
  readonly #aside: string;
  readonly #inMemory = new Map<string, string>();

  constructor(waiting: string, aside: string) {
    this.#waiting = waiting;
    this.#aside = aside;
  }

  /** False where the disk does not take it; this process knows it all the same. */
  add(callSid: string, reason: string): boolean {
    try {
      writeDurably(this.pathOf(callSid), this.#aside, reason);
      return true;
    } catch {
      if (this.#inMemory.size < MOST_IN_MEMORY) this.#inMemory.set(callSid, reason);
      return false;
    }
  }

  /** The call's files were written, or the call is removed. */
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
