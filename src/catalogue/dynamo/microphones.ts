import type { MicrophoneRecording, Page, PageRequest } from '../catalogue.ts';
import { checkLimit, readCursor, writeCursor } from '../cursor.ts';
import { FIRST, LAST, nameKey, timeKey } from './keys.ts';
import type { Item, Key, Table } from './table.ts';

const ASKED = ['microphone'];
const LIST = 'microphones';

/** Microphone recordings: each is an item, with an entry in one list by time. */
export class Microphones {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async put(recording: MicrophoneRecording): Promise<void> {
    const key = ownKey(recording.name);
    const place = placeKey(recording);
    const before = (await this.#table.get(key))?.['place'];
    if (typeof before === 'string' && before !== place) await this.#table.delete([{ pk: LIST, sk: before }]);
    await this.#table.put([
      { ...key, place },
      { pk: LIST, sk: place, recording },
    ]);
  }

  async list(page: PageRequest): Promise<Page<MicrophoneRecording>> {
    checkLimit(page);
    let after = page.cursor === undefined ? undefined : (readCursor(ASKED, page.cursor, 's')[0] as string);
    const items: MicrophoneRecording[] = [];
    for (;;) {
      const range = { pk: LIST, low: FIRST, high: LAST, latestFirst: true, limit: page.limit + 1 };
      const found = await this.#table.page({ ...range, after });
      for (const recording of await this.#true(found.items)) {
        const last = items.at(-1);
        if (last && items.length === page.limit) return { items, next: writeCursor(ASKED, [placeKey(last)]) };
        items.push(recording);
      }
      if (found.last === undefined) return { items };
      after = found.last;
    }
  }

  async remove(name: string): Promise<boolean> {
    const key = ownKey(name);
    const place = (await this.#table.get(key))?.['place'];
    if (typeof place !== 'string') return false;
    // The entry first: an interrupted write can then be repeated.
    await this.#table.delete([{ pk: LIST, sk: place }]);
    return this.#table.deleteIf(key, 'attribute_exists(#pk)', {});
  }

  /** Without list entries left over by interrupted or concurrent writes. */
  async #true(entries: readonly Item[]): Promise<MicrophoneRecording[]> {
    const recordings = entries.map((entry) => entry['recording'] as MicrophoneRecording);
    const found = await this.#table.getMany(recordings.map(({ name }) => ownKey(name)));
    const places = new Map(found.map((item) => [item.pk, item['place']]));
    return recordings.filter((recording, index) => {
      const entry = entries[index]!;
      return places.get(ownKey(recording.name).pk) === entry.sk;
    });
  }
}

function ownKey(name: string): Key {
  return { pk: `microphone#${nameKey(name)}`, sk: 'head' };
}

function placeKey({ createdAtMs, name }: MicrophoneRecording): string {
  return `${timeKey(createdAtMs)}#${nameKey(name)}`;
}
