import { crc32 } from 'node:zlib';
import type { CallEvent } from '../events/call-events.ts';

/** The version of the journal format. A change that earlier versions cannot read needs a new one. */
export const JOURNAL_VERSION = 1;
/** What every journal begins with; the version follows as one character. */
export const JOURNAL_NAME = Buffer.from('offhook');
/** The first bytes of a journal that this version writes. */
export const JOURNAL_MAGIC = Buffer.from(`offhook${JOURNAL_VERSION}`);
/** Length and checksum in front of every record, 4 bytes each, little-endian. */
export const RECORD_HEADER_BYTES = 8;
/** No record is longer: a length beyond it is damage. */
export const LONGEST_RECORD_BYTES = 4 * 1024 * 1024;

const JSON_RECORD = 0;
const CALLER_RECORD = 1;
const SENT_RECORD = 2;
const CALLER_HEAD_BYTES = 1 + 8 + 8 + 4;
const SENT_HEAD_BYTES = 1 + 8 + 4 + 4;

/** One event as a record: length, CRC-32, body. Sound is stored as it is, everything else as JSON. */
export function encodeRecord(event: CallEvent): Buffer {
  if (event.kind === 'caller') {
    const record = emptyRecord(CALLER_HEAD_BYTES, event.mulaw);
    record[RECORD_HEADER_BYTES] = CALLER_RECORD;
    record.writeDoubleLE(event.atMs, RECORD_HEADER_BYTES + 1);
    record.writeDoubleLE(event.streamMs, RECORD_HEADER_BYTES + 9);
    record.writeUInt32LE(event.samples, RECORD_HEADER_BYTES + 17);
    return sealed(record);
  }
  if (event.kind === 'sent') {
    const record = emptyRecord(SENT_HEAD_BYTES, event.mulaw);
    record[RECORD_HEADER_BYTES] = SENT_RECORD;
    record.writeDoubleLE(event.atMs, RECORD_HEADER_BYTES + 1);
    record.writeUInt32LE(event.piece, RECORD_HEADER_BYTES + 9);
    record.writeUInt32LE(event.samples, RECORD_HEADER_BYTES + 13);
    return sealed(record);
  }
  const record = emptyRecord(1, Buffer.from(JSON.stringify(event)));
  record[RECORD_HEADER_BYTES] = JSON_RECORD;
  return sealed(record);
}

/** The event in a record's body, whose checksum was right. */
export function decodeBody(body: Buffer): CallEvent {
  switch (body[0]) {
    case CALLER_RECORD:
      return {
        kind: 'caller',
        atMs: body.readDoubleLE(1),
        streamMs: body.readDoubleLE(9),
        samples: body.readUInt32LE(17),
        mulaw: body.subarray(CALLER_HEAD_BYTES),
      };
    case SENT_RECORD:
      return {
        kind: 'sent',
        atMs: body.readDoubleLE(1),
        piece: body.readUInt32LE(9),
        samples: body.readUInt32LE(13),
        mulaw: body.subarray(SENT_HEAD_BYTES),
      };
    default:
      return JSON.parse(body.toString('utf8', 1)) as CallEvent;
  }
}

export function checksum(body: Uint8Array): number {
  return crc32(body);
}

function emptyRecord(headBytes: number, tail: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(RECORD_HEADER_BYTES + headBytes + tail.length);
  record.set(tail, RECORD_HEADER_BYTES + headBytes);
  return record;
}

function sealed(record: Buffer): Buffer {
  const body = record.subarray(RECORD_HEADER_BYTES);
  record.writeUInt32LE(body.length, 0);
  record.writeUInt32LE(checksum(body), 4);
  return record;
}
