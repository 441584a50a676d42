import type { CallEvent } from '../events/call-events.ts';
import { EncodedRecord } from './record-codec.ts';

const FIRST_BYTES = 16 * 1024;
const FIRST_NUMBERS = 1_024;

/** Records of all journals, encoded one after another for one message to the writing thread. */
export class WriteBatch {
  #bytes = Buffer.from(new ArrayBuffer(FIRST_BYTES));
  /** Journal id and length of each record: numbers cross threads at a fraction of the cost of objects. */
  #entries = new Uint32Array(FIRST_NUMBERS);
  #length = 0;
  #numbers = 0;

  get bytes(): number {
    return this.#length;
  }

  get isEmpty(): boolean {
    return this.#numbers === 0;
  }

  add(id: number, event: CallEvent): void {
    const record = new EncodedRecord(event);
    if (this.#length + record.length > this.#bytes.length) this.#enlargeBytes(this.#length + record.length);
    if (this.#numbers === this.#entries.length) this.#enlargeEntries();
    record.writeTo(this.#bytes, this.#length);
    this.#length += record.length;
    this.#entries[this.#numbers] = id;
    this.#entries[this.#numbers + 1] = record.length;
    this.#numbers += 2;
  }

  /** Empties the batch: journal id and length of each record, and all their bytes. Their buffers may be transferred. */
  take(): { readonly entries: Uint32Array<ArrayBuffer>; readonly bytes: Uint8Array<ArrayBuffer> } {
    if (this.isEmpty) return { entries: new Uint32Array(0), bytes: new Uint8Array(0) };
    const entries = this.#entries.subarray(0, this.#numbers);
    const bytes = this.#bytes.subarray(0, this.#length);
    // The next batch is about as long as this one.
    this.#bytes = Buffer.from(new ArrayBuffer(Math.max(FIRST_BYTES, Math.ceil(1.25 * this.#length))));
    this.#entries = new Uint32Array(Math.max(FIRST_NUMBERS, 2 * Math.ceil(0.625 * this.#numbers)));
    this.#length = 0;
    this.#numbers = 0;
    return { entries, bytes };
  }

  #enlargeBytes(needed: number): void {
    const larger = Buffer.from(new ArrayBuffer(Math.max(2 * this.#bytes.length, needed)));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }

  #enlargeEntries(): void {
    const larger = new Uint32Array(2 * this.#entries.length);
    larger.set(this.#entries);
    this.#entries = larger;
  }
}
