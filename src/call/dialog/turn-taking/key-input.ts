/** Keys pressed within this time of each other are one input. */
const KEY_GROUP_MS = 1_200;

/** Keys that the caller presses one after the other. */
export class KeyInput {
  #lastAtMs: number | undefined;

  /** True while a further key may follow. */
  get isOpen(): boolean {
    return this.#lastAtMs !== undefined;
  }

  pressed(atMs: number): void {
    this.#lastAtMs = atMs;
  }

  /** The time of the last key, once, when no further key followed. */
  completed(atMs: number): number | undefined {
    const lastAtMs = this.#lastAtMs;
    if (lastAtMs === undefined || atMs < lastAtMs + KEY_GROUP_MS) return undefined;
    this.#lastAtMs = undefined;
    return lastAtMs;
  }
}
