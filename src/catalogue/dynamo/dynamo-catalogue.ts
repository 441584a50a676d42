import type {
  CallFilter,
  Catalogue,
  CataloguedCall,
  CatalogueEntry,
  Hold,
  MicrophoneRecording,
  Note,
  Page,
  PageRequest,
  SearchHit,
  SearchQuery,
} from '../../recording/catalogue.ts';
import { CatalogueDown } from '../../recording/catalogue.ts';
import { readCall } from './call-reader.ts';
import { listCalls } from './call-lists.ts';
import { CallWriter } from './call-writer.ts';
import { dynamoAddress } from './dynamo-address.ts';
import { dynamoClient } from './dynamo-client.ts';
import { isOurMistake } from './dynamo-trouble.ts';
import { inParallel } from './in-parallel.ts';
import { checkVersion, makeTable } from './make-table.ts';
import { Microphones } from './microphones.ts';
import { Table } from './table.ts';
import { searchTurns } from './word-search.ts';

/** So many requests may be under way. */
const MOST_REQUESTS = 1_000;
/** Entries that are written at the same time. */
const ENTRIES_AT_ONCE = 8;

/** The catalogue in DynamoDB: one table, made before the first request that reaches it. */
export class DynamoCatalogue implements Catalogue {
  readonly #client: ReturnType<typeof dynamoClient>;
  readonly #name: string;
  readonly #table: Table;
  readonly #writer: CallWriter;
  readonly #microphones: Microphones;
  readonly #requests = new Set<Promise<unknown>>();
  #opened: Promise<void> | undefined;
  #closed = false;

  /** Throws where the URL is not one of DynamoDB. */
  constructor(url: string) {
    const address = dynamoAddress(url);
    this.#client = dynamoClient(address);
    this.#name = `${address.prefix}-catalogue`;
    this.#table = new Table(this.#client, this.#name);
    this.#writer = new CallWriter(this.#table);
    this.#microphones = new Microphones(this.#table);
  }

  open(): Promise<void> {
    return this.#request(() => Promise.resolve());
  }

  putCall(call: Omit<CataloguedCall, 'notes' | 'hold'>): Promise<void> {
    return this.#request(() => this.#writer.putCall(call));
  }

  putTurns(callSid: string, turns: CatalogueEntry['turns']): Promise<void> {
    return this.#request(() => this.#writer.putTurns(callSid, turns));
  }

  putEntry(entry: CatalogueEntry): Promise<void> {
    return this.#request(() => this.#writer.putEntry(entry));
  }

  putEntries(entries: readonly CatalogueEntry[]): Promise<void> {
    return this.#request(async () => {
      await inParallel(entries, ENTRIES_AT_ONCE, (entry) => this.#writer.putEntry(entry));
    });
  }

  get(callSid: string): Promise<CatalogueEntry | undefined> {
    return this.#request(() => readCall(this.#table, callSid));
  }

  list(filter: CallFilter, page: PageRequest): Promise<Page<CataloguedCall>> {
    return this.#request(() => listCalls(this.#table, filter, page));
  }

  search(query: SearchQuery, page: PageRequest): Promise<Page<SearchHit>> {
    return this.#request(() => searchTurns(this.#table, query, page));
  }

  putNotes(callSid: string, notes: readonly Note[]): Promise<boolean> {
    return this.#request(() => this.#writer.putNotes(callSid, notes));
  }

  putHold(callSid: string, hold: Hold | undefined): Promise<boolean> {
    return this.#request(() => this.#writer.putHold(callSid, hold));
  }

  remove(callSid: string): Promise<boolean> {
    return this.#request(() => this.#writer.remove(callSid));
  }

  putMicrophone(recording: MicrophoneRecording): Promise<void> {
    return this.#request(() => this.#microphones.put(recording));
  }

  listMicrophone(page: PageRequest): Promise<Page<MicrophoneRecording>> {
    return this.#request(() => this.#microphones.list(page));
  }

  removeMicrophone(name: string): Promise<boolean> {
    return this.#request(() => this.#microphones.remove(name));
  }

  /** What was asked before is still answered. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled(this.#requests);
    this.#client.destroy();
  }

  async #request<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new CatalogueDown('The catalogue is closed.');
    if (this.#requests.size >= MOST_REQUESTS)
      throw new CatalogueDown(`The catalogue has ${MOST_REQUESTS} requests to answer; it takes no more.`);
    const answer = this.#answer(work);
    this.#requests.add(answer);
    try {
      return await answer;
    } finally {
      this.#requests.delete(answer);
    }
  }

  async #answer<T>(work: () => Promise<T>): Promise<T> {
    try {
      await this.#ready();
      return await work();
    } catch (error) {
      // Somebody has removed the table: it is made again.
      if ((error as Error).name === 'ResourceNotFoundException') this.#opened = undefined;
      throw isOurMistake(error) ? error : downBecause(error);
    }
  }

  async #ready(): Promise<void> {
    this.#opened ??= this.#made();
    try {
      await this.#opened;
    } catch (error) {
      this.#opened = undefined;
      throw error;
    }
  }

  async #made(): Promise<void> {
    await makeTable(this.#client, this.#name);
    await checkVersion(this.#table);
  }
}

function downBecause(cause: unknown): CatalogueDown {
  const { code, message, name } = cause as NodeJS.ErrnoException;
  if (cause instanceof CatalogueDown) return cause;
  return new CatalogueDown(`The catalogue's database does not answer: ${message || code || name}`, { cause });
}
