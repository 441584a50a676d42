import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PendingCalls } from './write-queue.ts';

/**
 * An empty file for each call that the catalogue does not hold whole: made when the call begins, removed when it has been
 * entered. Where the disk refuses, entering all calls again (`offhook reindex`) makes up for it.
 */
export class PendingEntries implements PendingCalls {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  add(callSid: string): void {
    try {
      writeFileSync(path.join(this.#folder, callSid), '');
    } catch {
      // The journal, whose disk this is too, tells of it.
    }
  }

  done(callSid: string): void {
    rmSync(path.join(this.#folder, callSid), { force: true });
  }

  list(): string[] {
    return readdirSync(this.#folder);
  }
}
