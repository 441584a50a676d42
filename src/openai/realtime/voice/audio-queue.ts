/** Audio between a sender that cannot be stopped and a reader that may be slower. Its length is bounded by the sender. */
export class AudioQueue {
  #chunks: Uint8Array[] = [];
  #end: { readonly error?: Error | undefined } | undefined;
  #changed: (() => void) | undefined;

  push(chunk: Uint8Array): void {
    if (this.#end !== undefined || chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#wake();
  }

  /** Nothing follows. `error`: thrown to the reader after what is queued. */
  end(error?: Error): void {
    this.#end ??= { error };
    this.#wake();
  }

  /** Ends without an error, and drops what is queued. */
  drop(): void {
    this.#chunks = [];
    this.#end = {};
    this.#wake();
  }

  async *read(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const next = this.#chunks.shift();
      if (next !== undefined) yield next;
      else if (this.#end?.error) throw this.#end.error;
      else if (this.#end) return;
      else await new Promise<void>((changed) => (this.#changed = changed));
    }
  }

  #wake(): void {
    this.#changed?.();
    this.#changed = undefined;
  }
}
