import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PendingCalls } from './write-queue.ts';

/**
 * A marker file for each call that is not completely in the catalogue: created when the call starts, deleted after the
 * finished call was written to the catalogue. If a marker cannot be written, `offhook reindex` adds the missing call.
 */
export class PendingEntries implements PendingCalls {
  readonly #directory: string;

  constructor(folder: string) {
    this.#directory = folder;
  }

  add(callSid: string): void {
    try {
      writeFileSync(path.join(this.#directory, callSid), '');
    } catch {
      // Ignored: the journal is on the same disk and reports its errors.
    }
  }

  done(callSid: string): void {
    rmSync(path.join(this.#directory, callSid), { force: true });
  }

  list(): string[] {
    return readdirSync(this.#directory);
  }
}
