import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CallEvent } from '../../src/call/events.ts';
import { encodeRecord, JOURNAL_MAGIC } from '../../src/recording/journal-codec.ts';
import { readJournal, wholeBytes } from '../../src/recording/journal-file.ts';
import { callBegins, callEnds, callerFrame } from '../support/call-events.ts';
import { ownFolder } from '../support/own-folder.ts';

const EVENTS: readonly CallEvent[] = [
  ...callBegins(),
  ...Array.from({ length: 5 }, (_, index) => callerFrame(index)),
  { kind: 'text', atMs: 1, turn: 1, text: 'grüß dich' },
  { kind: 'sent', atMs: 2, piece: 1, samples: 320, mulaw: new Uint8Array(320).fill(0x42) },
  callEnds(100),
];
const RECORDS = EVENTS.map(encodeRecord);
const JOURNAL = Buffer.concat([JOURNAL_MAGIC, ...RECORDS]);

/** Events as they can be compared: sound is only valid until the next event. */
function eventsOf(file: string): CallEvent[] {
  return [...readJournal(file)].map((event) =>
    'mulaw' in event ? { ...event, mulaw: new Uint8Array(event.mulaw) } : event,
  );
}

/** Where the record before number `record` ends. */
function wholeUpTo(record: number): number {
  return RECORDS.slice(0, record).reduce((sum, one) => sum + one.length, JOURNAL_MAGIC.length);
}

/** For a journal of so many bytes: how many records are whole, and where the last of them ends. */
function wholeAt(bytes: number): { records: number; endsAt: number } {
  let endsAt = JOURNAL_MAGIC.length;
  let records = 0;
  for (const record of RECORDS) {
    if (endsAt + record.length > bytes) break;
    endsAt += record.length;
    records += 1;
  }
  return { records, endsAt: bytes < JOURNAL_MAGIC.length ? 0 : endsAt };
}

describe('a journal', () => {
  test('torn at any byte keeps every whole record before it and refuses nothing', () => {
    using folder = ownFolder();
    const file = path.join(folder.path, 'torn.journal');
    const lengths = Array.from({ length: JOURNAL.length + 1 }, (_, bytes) => bytes);
    // The first ones, and all of the last four records.
    const torn = [...lengths.slice(0, 24), ...lengths.slice(wholeUpTo(RECORDS.length - 4))];
    for (const bytes of torn) {
      writeFileSync(file, JOURNAL.subarray(0, bytes));
      const { records, endsAt } = wholeAt(bytes);
      expect(wholeBytes(file), `${bytes} bytes`).toBe(endsAt);
      const events = [...readJournal(file)].length;
      expect(events, `${bytes} bytes`).toBe(records);
    }
    expect(eventsOf(file)).toEqual(EVENTS);
  });

  test('with any one byte of its last records changed keeps every record before it', () => {
    using folder = ownFolder();
    const file = path.join(folder.path, 'damaged.journal');
    for (let at = wholeUpTo(RECORDS.length - 3); at < JOURNAL.length; at += 1) {
      const damaged = Buffer.from(JOURNAL);
      damaged[at]! ^= 0xff;
      writeFileSync(file, damaged);
      expect(wholeBytes(file), `byte ${at}`).toBe(wholeAt(at).endsAt);
      expect([...readJournal(file)], `byte ${at}`).toHaveLength(wholeAt(at).records);
    }
  });

  test('with something else behind it, as a disk leaves after a power cut, keeps what is whole', () => {
    using folder = ownFolder();
    const file = path.join(folder.path, 'tail.journal');
    for (const tail of [Buffer.alloc(5_000), Buffer.alloc(5_000, 0xff), JOURNAL]) {
      writeFileSync(file, Buffer.concat([JOURNAL, tail]));
      expect(wholeBytes(file)).toBe(JOURNAL.length);
      expect(eventsOf(file)).toEqual(EVENTS);
    }
  });

  test('longer than what is read at once is read whole', () => {
    using folder = ownFolder();
    const file = path.join(folder.path, 'long.journal');
    const frames = Array.from({ length: 10_000 }, (_, index) => callerFrame(index));
    writeFileSync(file, Buffer.concat([JOURNAL_MAGIC, ...frames.map(encodeRecord)]));
    let index = 0;
    for (const event of readJournal(file)) {
      if (event.kind === 'caller' && event.streamMs === 20 * index) index += 1;
    }
    expect(index).toBe(10_000);
    expect(wholeBytes(file)).toBe(readFileSync(file).length);
  });
});
