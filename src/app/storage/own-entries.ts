import type { EntryReader } from '../../catalogue/reindex.ts';
import type { CatalogueEntry } from '../../records/call-entry.ts';
import type { SharedCalls } from './shared-calls.ts';

/** Entries of calls whose files this machine has written. Files that were left before another machine went on with their call do not count. */
export class OwnEntries implements EntryReader {
  readonly #entries: EntryReader;
  readonly #shared: Pick<SharedCalls, 'mayFinish'>;

  constructor(entries: EntryReader, shared: Pick<SharedCalls, 'mayFinish'>) {
    this.#entries = entries;
    this.#shared = shared;
  }

  async entry(directory: string, callSid: string): Promise<CatalogueEntry | undefined> {
    return (await this.#shared.mayFinish(callSid)) ? this.#entries.entry(directory, callSid) : undefined;
  }
}
