/** Audio and other parts between a sender that cannot be stopped and a reader that may be slower. Its length is bounded by the sender. */
export class PartQueue<Part extends object> {
  #parts: Part[] = [];
  #end: { readonly error?: Error | undefined } | undefined;
  #changed: (() => void) | undefined;

  push(part: Part): void {
    if (this.#end !== undefined) return;
    this.#parts.push(part);
    this.#wake();
  }

  /** Nothing follows. `error`: thrown to the reader after what is queued. */
  end(error?: Error): void {
    this.#end ??= { error };
    this.#wake();
  }

  /** Ends without an error, and drops what is queued. */
  drop(): void {
    this.#parts = [];
    this.#end = {};
    this.#wake();
  }

  async *read(): AsyncGenerator<Part, void, undefined> {
    for (;;) {
      const next = this.#parts.shift();
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
