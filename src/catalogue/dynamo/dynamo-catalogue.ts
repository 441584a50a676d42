import type { CataloguedCall, CatalogueEntry, Hold, Note } from '../../records/call-entry.ts';
import type { CallFilter, Catalogue, Page, PageRequest, SearchHit, SearchQuery } from '../catalogue.ts';
import type { MicrophoneEntry, MicrophoneRecording } from '../microphone-entry.ts';
import { RequestGate } from '../request-gate.ts';
import { listDynamoCalls } from './call-lists.ts';
import { readDynamoCall } from './call-reader.ts';
import { DynamoCallWriter } from './call-writer.ts';
import { dynamoAddress } from './dynamo-address.ts';
import { dynamoClient } from './dynamo-client.ts';
import { isClientError } from './dynamo-errors.ts';
import { inParallel } from './in-parallel.ts';
import { makeTable, migrateItems } from './make-table.ts';
import { Microphones } from './microphones.ts';
import { searchDynamoTurns } from './search/word-search.ts';
import { Table } from './table.ts';

/** Entries written in parallel. */
const ENTRIES_AT_ONCE = 8;

/** The proxy that leads to an address. */
export type ProxyChoice = (address: string) => string | undefined;

/** The catalogue in DynamoDB: one table, created before the first request. */
export class DynamoCatalogue implements Catalogue {
  readonly #client: ReturnType<typeof dynamoClient>;
  readonly #table: Table;
  readonly #writer: DynamoCallWriter;
  readonly #microphones: Microphones;
  readonly #requests: RequestGate;

  /** Throws if the URL is not a DynamoDB URL. */
  constructor(url: string, proxyFor: ProxyChoice = () => undefined) {
    const address = dynamoAddress(url);
    const server = address.endpoint ?? `https://dynamodb.${address.region}.amazonaws.com`;
    this.#client = dynamoClient(address, proxyFor(server));
    const name = `${address.prefix}-catalogue`;
    this.#table = new Table(this.#client, name);
    this.#writer = new DynamoCallWriter(this.#table);
    this.#microphones = new Microphones(this.#table, this.#writer);
    this.#requests = new RequestGate({
      open: async () => {
        await makeTable(this.#client, name);
        await migrateItems(this.#table, () => this.#microphones.migrate());
      },
      isDown: (error) => {
        // The table was deleted: it is created again.
        if ((error as Error).name === 'ResourceNotFoundException') this.#requests.reopen();
        return !isClientError(error);
      },
    });
  }

  open(): Promise<void> {
    return this.#requests.answer(() => Promise.resolve());
  }

  putCall(call: Omit<CataloguedCall, 'notes' | 'hold'>): Promise<void> {
    return this.#requests.answer(() => this.#writer.putCall(call));
  }

  putTurns(callSid: string, turns: CatalogueEntry['turns']): Promise<void> {
    return this.#requests.answer(() => this.#writer.putTurns(callSid, turns));
  }

  putEntry(entry: CatalogueEntry): Promise<void> {
    return this.#requests.answer(() => this.#writer.putEntry(entry));
  }

  putEntries(entries: readonly CatalogueEntry[]): Promise<void> {
    return this.#requests.answer(async () => {
      await inParallel(entries, ENTRIES_AT_ONCE, (entry) => this.#writer.putEntry(entry));
    });
  }

  get(callSid: string): Promise<CatalogueEntry | undefined> {
    return this.#requests.answer(() => readDynamoCall(this.#table, callSid));
  }

  list(filter: CallFilter, page: PageRequest): Promise<Page<CataloguedCall>> {
    return this.#requests.answer(() => listDynamoCalls(this.#table, filter, page));
  }

  search(query: SearchQuery, page: PageRequest): Promise<Page<SearchHit>> {
    return this.#requests.answer(() => searchDynamoTurns(this.#table, query, page));
  }

  putNotes(callSid: string, notes: readonly Note[]): Promise<boolean> {
    return this.#requests.answer(() => this.#writer.putNotes(callSid, notes));
  }

  putHold(callSid: string, hold: Hold | undefined): Promise<boolean> {
    return this.#requests.answer(() => this.#writer.putHold(callSid, hold));
  }

  remove(callSid: string): Promise<boolean> {
    return this.#requests.answer(() => this.#writer.remove(callSid));
  }

  putMicrophone(entry: MicrophoneEntry): Promise<void> {
    return this.#requests.answer(() => this.#microphones.put(entry));
  }

  getMicrophone(name: string): Promise<MicrophoneEntry | undefined> {
    return this.#requests.answer(() => this.#microphones.get(name));
  }

  listMicrophone(page: PageRequest): Promise<Page<MicrophoneRecording>> {
    return this.#requests.answer(() => this.#microphones.list(page));
  }

  removeMicrophone(name: string): Promise<boolean> {
    return this.#requests.answer(() => this.#microphones.remove(name));
  }

  /** Pending requests are still answered. */
  async close(): Promise<void> {
    if (await this.#requests.end()) this.#client.destroy();
  }
}
