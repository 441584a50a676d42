import { describe, expect, it } from 'vitest';
import type { CallEvent } from '../../src/events/call-events.ts';
import { encodeRecord } from '../../src/journal/record-codec.ts';
import { WriteBatch } from '../../src/journal/write-batch.ts';

const sound = (samples: number): Uint8Array => Uint8Array.from({ length: samples }, (_, at) => at * 7);
const eventsOf = (index: number): CallEvent[] => {
  const atMs = 1_000.5 + index;
  return [
    { kind: 'caller', atMs, streamMs: 20 * index, samples: 160, mulaw: sound(160) },
    { kind: 'caller', atMs, streamMs: 20 * index, samples: 160, mulaw: new Uint8Array(0) },
    { kind: 'sent', atMs, piece: index, samples: 4_000, mulaw: sound(4_000) },
    { kind: 'text', atMs, turn: index, text: 'Größe – 大きさ' },
  ];
};

/** Fills a batch with the events of two journals; returns what it should hold. */
function fill(batch: WriteBatch, count: number): { entries: number[]; bytes: Buffer } {
  const entries: number[] = [];
  const records: Buffer[] = [];
  for (let index = 0; index < count; index += 1)
    for (const event of eventsOf(index)) {
      const id = 1 + (index % 2);
      batch.add(id, event);
      const record = encodeRecord(event);
      entries.push(id, record.length);
      records.push(record);
    }
  return { entries, bytes: Buffer.concat(records) };
}

describe('WriteBatch', () => {
  it.each([1, 7, 1_000])('holds the records of %d rounds of events as the codec encodes them', (count) => {
    const batch = new WriteBatch();
    const expected = fill(batch, count);
    expect(batch.bytes).toBe(expected.bytes.length);
    const { entries, bytes } = batch.take();
    expect([...entries]).toEqual(expected.entries);
    expect(expected.bytes.equals(bytes)).toBe(true);
    expect([batch.isEmpty, batch.bytes, batch.take().bytes.length]).toEqual([true, 0, 0]);
  });

  it('shares no memory with what was taken before', () => {
    const batch = new WriteBatch();
    fill(batch, 3);
    const first = batch.take();
    const kept = Buffer.from(first.bytes);
    const expected = fill(batch, 20);
    const second = batch.take();
    expect(kept.equals(first.bytes)).toBe(true);
    expect(expected.bytes.equals(second.bytes)).toBe(true);
    structuredClone(first.bytes, { transfer: [first.bytes.buffer] });
    expect(expected.bytes.equals(second.bytes)).toBe(true);
  });
});
