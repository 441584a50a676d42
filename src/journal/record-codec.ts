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
  const record = new EncodedRecord(event);
  const bytes = Buffer.allocUnsafe(record.length);
  record.writeTo(bytes, 0);
  return bytes;
}

/** An event that is to be written into a buffer with other ones. */
export class EncodedRecord {
  readonly length: number;
  readonly #event: CallEvent;
  /** Of an event without sound. */
  readonly #json: Buffer | undefined;

  constructor(event: CallEvent) {
    this.#event = event;
    let bodyBytes: number;
    if (event.kind === 'caller') bodyBytes = CALLER_HEAD_BYTES + event.mulaw.length;
    else if (event.kind === 'sent') bodyBytes = SENT_HEAD_BYTES + event.mulaw.length;
    else bodyBytes = 1 + (this.#json = Buffer.from(JSON.stringify(event))).length;
    this.length = RECORD_HEADER_BYTES + bodyBytes;
  }

  /** Writes `length` bytes. */
  writeTo(target: Buffer, at: number): void {
    const event = this.#event;
    const body = at + RECORD_HEADER_BYTES;
    if (event.kind === 'caller') {
      target[body] = CALLER_RECORD;
      target.writeDoubleLE(event.atMs, body + 1);
      target.writeDoubleLE(event.streamMs, body + 9);
      target.writeUInt32LE(event.samples, body + 17);
      target.set(event.mulaw, body + CALLER_HEAD_BYTES);
    } else if (event.kind === 'sent') {
      target[body] = SENT_RECORD;
      target.writeDoubleLE(event.atMs, body + 1);
      target.writeUInt32LE(event.piece, body + 9);
      target.writeUInt32LE(event.samples, body + 13);
      target.set(event.mulaw, body + SENT_HEAD_BYTES);
    } else {
      target[body] = JSON_RECORD;
      target.set(this.#json!, body + 1);
    }
    const end = at + this.length;
    target.writeUInt32LE(end - body, at);
    target.writeUInt32LE(checksum(target.subarray(body, end)), at + 4);
  }
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
