/** Records of all journals, gathered for one message to the writing thread. */
export class WriteBatch {
  #records: { readonly id: number; readonly bytes: Uint8Array }[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#records.length === 0;
  }

  add(id: number, bytes: Uint8Array): void {
    this.#records.push({ id, bytes });
    this.#bytes += bytes.length;
  }

  /** Empties the batch: journal id and length of each record, and all their bytes. */
  take(): { readonly entries: Uint32Array<ArrayBuffer>; readonly bytes: Uint8Array<ArrayBuffer> } {
    const bytes = new Uint8Array(this.#bytes);
    // Numbers cross threads at a fraction of the cost of objects.
    const entries = new Uint32Array(2 * this.#records.length);
    let at = 0;
    this.#records.forEach((record, index) => {
      bytes.set(record.bytes, at);
      at += record.bytes.length;
      entries[2 * index] = record.id;
      entries[2 * index + 1] = record.bytes.length;
    });
    this.#records = [];
    this.#bytes = 0;
    return { entries, bytes };
  }
}
