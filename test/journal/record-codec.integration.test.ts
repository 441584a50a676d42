import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CallEvent } from '../../src/events/call-events.ts';
import { readJournal, readJournalFrom, readWholeRecords } from '../../src/journal/journal-reader.ts';
import { encodeRecord, JOURNAL_MAGIC, RECORD_HEADER_BYTES } from '../../src/journal/record-codec.ts';
import { usualCall } from '../records/told-call.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'offhook-journal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function journalOf(bytes: Uint8Array): string {
  const file = path.join(folder, 'one.journal');
  writeFileSync(file, bytes);
  return file;
}

/** What a journal says; sound is only valid until the next event, so it is copied. */
const read = (file: string): CallEvent[] =>
  Array.from(readJournal(file), (event) =>
    'mulaw' in event ? { ...event, mulaw: Uint8Array.from(event.mulaw) } : event,
  );

const events: CallEvent[] = [
  ...usualCall().events,
  { kind: 'summary', atMs: 1.25, text: 'Zeilen\nund “Wörter” 你好', by: 'chat' },
  { kind: 'caller', atMs: 1_783_938_517_000.123, streamMs: 5.5, samples: 160, mulaw: new Uint8Array(0) },
  { kind: 'sent', atMs: 0.1, piece: 4_000_000_000, samples: 0, mulaw: new Uint8Array(0) },
];
const records = events.map((event) => encodeRecord(event));
const whole = Buffer.concat([JOURNAL_MAGIC, ...records]);

describe('the journal', () => {
  it('returns every event unchanged', () => {
    expect(read(journalOf(whole))).toEqual(events);
    expect(readWholeRecords(journalOf(whole))).toBe(whole.length);
  });

  it('refuses a journal of another format version, naming both versions', () => {
    const later = Buffer.concat([Buffer.from('offhook2'), ...records]);
    expect(() => read(journalOf(later))).toThrow('format version 2; this version of offhook reads version 1');
    expect(() => readWholeRecords(journalOf(later))).toThrow('format version 2');
  });

  it('adds only a few bytes to the audio', () => {
    const frame = encodeRecord({
      kind: 'caller',
      atMs: 1,
      streamMs: 1,
      samples: 160,
      mulaw: new Uint8Array(160),
    });
    expect(frame.length).toBeLessThanOrEqual(160 + 32);
  });

  it('is read to its last complete record wherever its tail is torn', () => {
    const short = Buffer.concat([JOURNAL_MAGIC, ...records.slice(0, 6)]);
    const ends = [JOURNAL_MAGIC.length];
    for (const record of records.slice(0, 6)) ends.push(ends.at(-1)! + record.length);
    for (let length = 0; length <= short.length; length += 1) {
      const file = journalOf(short.subarray(0, length));
      const expected = ends.findLast((end) => end <= length);
      expect(readWholeRecords(file)).toBe(expected ?? 0);
      expect(read(file).length).toBe(expected === undefined ? 0 : ends.indexOf(expected));
    }
  });

  it('is read on where the last reader stopped, while it grows', () => {
    const found: CallEvent[] = [];
    let offset = 0;
    for (let length = 0; length < whole.length + 997; length += 997) {
      const file = journalOf(whole.subarray(0, length));
      for (const { event, endsAt } of readJournalFrom(file, offset)) {
        found.push('mulaw' in event ? { ...event, mulaw: Uint8Array.from(event.mulaw) } : event);
        offset = endsAt;
      }
    }
    expect(found).toEqual(events);
  });

  it('ends at a wrong byte', () => {
    const spoilt = Buffer.from(whole);
    const before = Buffer.concat([JOURNAL_MAGIC, ...records.slice(0, 10)]).length;
    spoilt[before + RECORD_HEADER_BYTES + 5]! ^= 0x40;
    expect(read(journalOf(spoilt))).toEqual(events.slice(0, 10));
    expect(readWholeRecords(journalOf(spoilt))).toBe(before);
  });

  it('is not misled by an impossible length, or by zeros after a power failure', () => {
    for (const tail of [Buffer.alloc(5_000), Buffer.alloc(5_000, 0xff), Buffer.from('{"kind":"end"}')]) {
      const file = journalOf(Buffer.concat([whole, tail]));
      expect(read(file).length).toBe(events.length);
      expect(readWholeRecords(file)).toBe(whole.length);
    }
  });

  it('is invalid without its header', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('offhook'), Buffer.from('something else entirely')]) {
      expect(read(journalOf(bytes))).toEqual([]);
      expect(readWholeRecords(journalOf(bytes))).toBe(0);
    }
  });

  it('is read in chunks across record boundaries', () => {
    const many = Array.from({ length: 4_000 }, (_, n) => ({
      kind: 'caller' as const,
      atMs: n,
      streamMs: n * 20,
      samples: 160,
      mulaw: new Uint8Array(160).fill(n & 0xff),
    }));
    const file = journalOf(Buffer.concat([JOURNAL_MAGIC, ...many.map((event) => encodeRecord(event))]));
    expect(read(file)).toEqual(many);
  });
});
