import type { Page, PageRequest } from '../catalogue.ts';
import { type MicrophoneEntry, microphoneKey, type MicrophoneRecording } from '../microphone-entry.ts';
import { listDynamoEntries } from './call-lists.ts';
import { readDynamoCall } from './call-reader.ts';
import type { DynamoCallWriter } from './call-writer.ts';
import { FIRST, LAST, MICROPHONE_LIST, nameKey } from './keys.ts';
import { callOfMicrophone, microphoneOfCall, utteranceOfTurn } from './microphone-calls.ts';
import type { Table } from './table.ts';

/** The partition of schema version 1, which had the recordings without their words. */
const OLD_LIST = 'microphones';

/** Microphone recordings, stored like calls, in a list of their own. */
export class Microphones {
  readonly #table: Table;
  readonly #writer: DynamoCallWriter;

  constructor(table: Table, writer: DynamoCallWriter) {
    this.#table = table;
    this.#writer = writer;
  }

  put(entry: MicrophoneEntry): Promise<void> {
    return this.#writer.putEntry(callOfMicrophone(entry));
  }

  async get(name: string): Promise<MicrophoneEntry | undefined> {
    const call = await readDynamoCall(this.#table, microphoneKey(name));
    return call && { ...microphoneOfCall(call), utterances: call.turns.map(utteranceOfTurn) };
  }

  async list(page: PageRequest): Promise<Page<MicrophoneRecording>> {
    const list = { pk: MICROPHONE_LIST, asked: ['microphone'] };
    const { items, next } = await listDynamoEntries(this.#table, list, {}, page);
    return { items: items.map(microphoneOfCall), next };
  }

  remove(name: string): Promise<boolean> {
    return this.#writer.remove(microphoneKey(name));
  }

  /** Rewrites the entries of schema version 1. Their words are entered from the files. May be repeated after a crash. */
  async migrate(): Promise<void> {
    for (const { pk, sk, recording } of await this.#table.all({ pk: OLD_LIST, low: FIRST, high: LAST })) {
      const old = recording as Pick<
        MicrophoneRecording,
        'name' | 'createdAtMs' | 'sizeBytes' | 'durationMs' | 'sha256'
      >;
      if (!(await this.get(old.name)))
        await this.put({ ...old, format: 'wav', transcription: 'none', keywords: [], utterances: [] });
      await this.#table.delete([
        { pk, sk },
        { pk: `microphone#${nameKey(old.name)}`, sk: 'head' },
      ]);
    }
  }
}
