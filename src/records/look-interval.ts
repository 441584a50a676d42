/** What has not changed for this long is looked at once in this time. */
const QUIET_MS = 1_000;

/** When to look again at something that changes often for a while, and then hardly ever. */
export class LookInterval {
  #changedAtMs: number;
  #lookedAtMs = -Infinity;

  constructor(atMs: number) {
    this.#changedAtMs = atMs;
  }

  /** Whether to look now. */
  looks(atMs: number): boolean {
    if (this.quietMs(atMs) > QUIET_MS && atMs - this.#lookedAtMs < QUIET_MS) return false;
    this.#lookedAtMs = atMs;
    return true;
  }

  /** The time since the last change. */
  quietMs(atMs: number): number {
    return atMs - this.#changedAtMs;
  }

  changed(atMs: number): void {
    this.#changedAtMs = atMs;
  }
}
