import { HeldText } from './held-text.ts';

/** Removes something from a text that may be split anywhere: what could be part of it is held back until that is decided. */
export abstract class TextFilter {
  protected readonly held = new HeldText();
  #removed = false;

  /** True if anything was removed. */
  get removed(): boolean {
    return this.#removed;
  }

  /** The part of the text so far that is certain to remain. */
  add(text: string): string {
    this.held.add(text);
    return this.passed(false);
  }

  /** The rest at the end of the text. */
  end(): string {
    return this.passed(true);
  }

  /** The text so far was not part of the reply, which begins now. */
  reset(): void {
    this.held.clear();
  }

  /** Takes from the held text what remains, and removes what does not. `complete`: no text follows. */
  protected abstract passed(complete: boolean): string;

  /** Removes the first characters of the held text. */
  protected remove(length: number): void {
    this.#removed ||= length > 0;
    this.held.take(length);
  }
}
