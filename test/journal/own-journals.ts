import { readJournal } from '../../src/journal/journal-reader.ts';
import { JournalStore } from '../../src/journal/journal-store.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import { CALL_SID, callBegins } from '../support/call-events.ts';
import { ownFolder } from '../support/own-folder.ts';

export const OWNER = '11111111-1111-1111-1111-111111111111';
export const MOST_WAITING_BYTES = 200_000;

/** The journals of a folder of one test, flushed every 10 ms. */
export class OwnJournals {
  readonly #folder = ownFolder();
  readonly directories = new DataDirectory(this.#folder.path);
  readonly journals = new JournalStore({
    directories: this.directories,
    clock: { now: () => performance.now() },
    mostWaitingBytes: MOST_WAITING_BYTES,
  });
  #rounds: NodeJS.Timeout | undefined;

  static async open(): Promise<OwnJournals> {
    const own = new OwnJournals();
    await own.journals.begin();
    own.#rounds = setInterval(() => own.journals.flush(), 10);
    return own;
  }

  begin(callSid = CALL_SID): Journal {
    const journal = this.journals.create(callSid, OWNER);
    for (const event of callBegins(callSid)) journal.append(event);
    return journal;
  }

  async end(): Promise<void> {
    clearInterval(this.#rounds);
    await this.journals.end();
    this.#folder[Symbol.dispose]();
  }
}

export function framesIn(file: string): number {
  return [...readJournal(file)].filter(({ kind }) => kind === 'caller').length;
}
