/** More than what is said in half a minute. */
const MAX_CHARACTERS = 2_000;

/** The words that a server has sent of the utterance in progress. */
export class PartialText {
  #item = '';
  #text = '';

  get text(): string {
    return this.#text;
  }

  /** `delta`: words of this item after the earlier ones. Another item replaces the one before. */
  add(item: string, delta: string): void {
    this.#text = (item === this.#item ? this.#text + delta : delta).slice(0, MAX_CHARACTERS);
    this.#item = item;
  }

  /** The whole text of this item is known, or will not come. */
  end(item: string): void {
    if (item === this.#item) this.clear();
  }

  /** Another utterance begins. */
  clear(): void {
    this.#text = '';
  }
}
