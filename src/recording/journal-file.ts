import { closeSync, openSync, readSync } from 'node:fs';
import type { CallEvent } from '../call/events.ts';
import {
  checksum,
  decodeBody,
  JOURNAL_MAGIC,
  LONGEST_RECORD_BYTES,
  RECORD_HEADER_BYTES,
} from './journal-codec.ts';

const CHUNK_BYTES = 256 * 1024;

/**
 * The events of a journal on disk, in order, in constant memory. A torn or damaged tail ends it: what stands before is
 * whole. Blocks while it reads, so it belongs into a worker. An event's sound is only valid until the next event.
 */
export function* readJournal(path: string): Generator<CallEvent> {
  const file = openSync(path, 'r');
  try {
    let held: Buffer = Buffer.alloc(0);
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let atStart = true;
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      held =
        held.length === 0
          ? Buffer.from(chunk.subarray(0, read))
          : Buffer.concat([held, chunk.subarray(0, read)]);
      if (atStart) {
        if (held.length < JOURNAL_MAGIC.length) continue;
        if (!held.subarray(0, JOURNAL_MAGIC.length).equals(JOURNAL_MAGIC)) return;
        held = held.subarray(JOURNAL_MAGIC.length);
        atStart = false;
      }
      let used = 0;
      for (let length = wholeRecord(held, used); length !== 0; length = wholeRecord(held, used)) {
        if (length < 0) return;
        const body = held.subarray(used + RECORD_HEADER_BYTES, used + RECORD_HEADER_BYTES + length);
        if (checksum(body) !== held.readUInt32LE(used + 4)) return;
        used += RECORD_HEADER_BYTES + length;
        yield decodeBody(body);
      }
      held = held.subarray(used);
    }
  } finally {
    closeSync(file);
  }
}

/** The body length of the record at `from`; 0: not all of it is here yet; -1: this is no record. */
function wholeRecord(held: Buffer, from: number): number {
  if (held.length - from < RECORD_HEADER_BYTES) return 0;
  const length = held.readUInt32LE(from);
  if (length === 0 || length > LONGEST_RECORD_BYTES) return -1;
  return held.length - from >= RECORD_HEADER_BYTES + length ? length : 0;
}

/** How many bytes of a journal are whole: where the next record may be appended. 0: it is no journal. */
export function wholeBytes(path: string): number {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(RECORD_HEADER_BYTES);
    if (readSync(file, head, 0, JOURNAL_MAGIC.length, 0) < JOURNAL_MAGIC.length) return 0;
    if (!head.subarray(0, JOURNAL_MAGIC.length).equals(JOURNAL_MAGIC)) return 0;
    let whole = JOURNAL_MAGIC.length;
    for (;;) {
      if (readSync(file, head, 0, RECORD_HEADER_BYTES, whole) < RECORD_HEADER_BYTES) return whole;
      const length = head.readUInt32LE(0);
      if (length === 0 || length > LONGEST_RECORD_BYTES) return whole;
      const body = Buffer.allocUnsafe(length);
      if (readSync(file, body, 0, length, whole + RECORD_HEADER_BYTES) < length) return whole;
      if (checksum(body) !== head.readUInt32LE(4)) return whole;
      whole += RECORD_HEADER_BYTES + length;
    }
  } finally {
    closeSync(file);
  }
}
