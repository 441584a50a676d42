import { mayContinueNumber } from './spoken-digits.ts';

/** People pause for about a second between the groups of a number. A reply is requested only after this silence. */
const GROUP_PAUSE_MS = 1_500;

/** A caller who reads out a number in groups: the turn ends only if no further group follows. */
export class NumberReading {
  #spokenUntilMs = 0;
  #waitsUntilMs: number | undefined;

  /** True while a further group may follow. */
  get waits(): boolean {
    return this.#waitsUntilMs !== undefined;
  }

  /** An utterance ended at `atMs`; its text is still to come. */
  utterance(atMs: number): void {
    this.#spokenUntilMs = atMs;
    this.#waitsUntilMs = undefined;
  }

  /** The text of the latest utterance arrived. */
  text(text: string): void {
    this.#waitsUntilMs = mayContinueNumber(text) ? this.#spokenUntilMs + GROUP_PAUSE_MS : undefined;
  }

  /** True once, when no further group followed. */
  isOver(atMs: number): boolean {
    if (this.#waitsUntilMs === undefined || atMs < this.#waitsUntilMs) return false;
    this.#waitsUntilMs = undefined;
    return true;
  }
}
