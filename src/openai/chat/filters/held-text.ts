/** Text of a stream that is held back, because its meaning depends on what follows. */
export class HeldText {
  #text = '';

  get text(): string {
    return this.#text;
  }

  add(text: string): void {
    this.#text += text;
  }

  /** Removes and returns the first characters. */
  take(length: number): string {
    const taken = this.#text.slice(0, length);
    this.#text = this.#text.slice(length);
    return taken;
  }

  clear(): void {
    this.#text = '';
  }
}
