import { closeSync, openSync, readSync } from 'node:fs';
import type { CallEvent } from '../events/call-events.ts';
import {
  checksum,
  decodeBody,
  JOURNAL_MAGIC,
  JOURNAL_NAME,
  JOURNAL_VERSION,
  LONGEST_RECORD_BYTES,
  RECORD_HEADER_BYTES,
} from './record-codec.ts';

const CHUNK_BYTES = 256 * 1024;

/** The journal was written in another version of the format. */
export class UnsupportedJournal extends Error {
  override readonly name = 'UnsupportedJournal';
}

/**
 * The events of a journal on disk, in order, in constant memory. A truncated or damaged record ends the journal; the
 * records before it are complete. Blocks while it reads, so it belongs in a worker thread. An event's audio is valid only
 * until the next event.
 */
export function* readJournal(path: string): Generator<CallEvent> {
  for (const { body } of wholeRecords(path)) if (body) yield decodeBody(body);
}

/** As `readJournal`, of a journal that is being written: the events from `offset` on (0, or an earlier `endsAt`) that are complete. */
export function* readJournalFrom(path: string, offset: number): Generator<PlacedEvent> {
  for (const { body, endsAt } of wholeRecords(path, offset))
    if (body) yield { event: decodeBody(body), endsAt };
}

/** An event, and where its record ends in the journal. */
export interface PlacedEvent {
  readonly event: CallEvent;
  readonly endsAt: number;
}

/** The length of a journal's complete records: where the next record is appended. 0: the file is no journal. */
export function readWholeRecords(path: string): number {
  let whole = 0;
  for (const { endsAt } of wholeRecords(path)) whole = endsAt;
  return whole;
}

interface WholeRecord {
  /** Absent: the header of the journal. */
  readonly body?: Buffer;
  readonly endsAt: number;
}

function* wholeRecords(path: string, offset = 0): Generator<WholeRecord> {
  const file = openSync(path, 'r');
  try {
    let held: Buffer = Buffer.alloc(0);
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let endsAt = offset;
    let position = offset;
    const readNext = (): number => readSync(file, chunk, 0, CHUNK_BYTES, position);
    for (let read = readNext(); read > 0; read = readNext()) {
      position += read;
      const fresh = chunk.subarray(0, read);
      held = held.length === 0 ? Buffer.from(fresh) : Buffer.concat([held, fresh]);
      let used = 0;
      if (endsAt === 0) {
        if (held.length < JOURNAL_MAGIC.length) continue;
        if (!isReadable(held)) return;
        used = endsAt = JOURNAL_MAGIC.length;
        yield { endsAt };
      }
      for (let length = wholeRecord(held, used); length !== 0; length = wholeRecord(held, used)) {
        if (length < 0) return;
        const body = held.subarray(used + RECORD_HEADER_BYTES, used + RECORD_HEADER_BYTES + length);
        if (checksum(body) !== held.readUInt32LE(used + 4)) return;
        used += RECORD_HEADER_BYTES + length;
        endsAt += RECORD_HEADER_BYTES + length;
        yield { body, endsAt };
      }
      held = held.subarray(used);
    }
  } finally {
    closeSync(file);
  }
}

/** True for a journal of this version, false for another file. Throws for a journal of another version. */
function isReadable(head: Buffer): boolean {
  if (!head.subarray(0, JOURNAL_NAME.length).equals(JOURNAL_NAME)) return false;
  if (head.subarray(0, JOURNAL_MAGIC.length).equals(JOURNAL_MAGIC)) return true;
  const version = head.toString('latin1', JOURNAL_NAME.length, JOURNAL_MAGIC.length);
  throw new UnsupportedJournal(
    `the journal has format version ${version}; this version of offhook reads version ${JOURNAL_VERSION}`,
  );
}

/** The body length of the record at `from`; 0: it is incomplete; -1: it is no record. */
function wholeRecord(held: Buffer, from: number): number {
  if (held.length - from < RECORD_HEADER_BYTES) return 0;
  const length = held.readUInt32LE(from);
  if (length === 0 || length > LONGEST_RECORD_BYTES) return -1;
  return held.length - from >= RECORD_HEADER_BYTES + length ? length : 0;
}
