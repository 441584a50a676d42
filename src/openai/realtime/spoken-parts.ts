/** A response has few parts; the bounds hold for a server that numbers them on and on. */
const MAX_PARTS = 50;
const MAX_WORDS_LENGTH = 20_000;

/** The words of a response, as its server states them: for each part, and once more at its end. */
export class SpokenParts {
  readonly #parts = new Map<string, string>();
  #all: string | undefined;

  add(part: string, words: string): void {
    if (this.#parts.size < MAX_PARTS || this.#parts.has(part))
      this.#parts.set(part, words.slice(0, MAX_WORDS_LENGTH));
  }

  /** `words`: of all parts. */
  end(words: string | undefined): void {
    this.#all = words?.slice(0, MAX_WORDS_LENGTH);
  }

  /** Undefined if the server does not state them. */
  get words(): string | undefined {
    const words = [...this.#parts.values()].join(' ').trim() || this.#all?.trim();
    return words === '' ? undefined : words;
  }
}
