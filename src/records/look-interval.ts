/** What has not changed for this long is looked at once in this time, and more rarely the longer it has not changed. */
const QUIET_MS = 1_000;
const LONGEST_MS = 4_000;

/** When to look again at something that changes often for a while, and then hardly ever. */
export class LookInterval {
  #changedAtMs: number;
  #lookedAtMs = -Infinity;

  constructor(atMs: number) {
    this.#changedAtMs = atMs;
  }

  /** Whether to look now. */
  looks(atMs: number): boolean {
    const quietMs = this.quietMs(atMs);
    const everyMs = Math.min(Math.max(QUIET_MS, quietMs / 2), LONGEST_MS);
    if (quietMs > QUIET_MS && atMs - this.#lookedAtMs < everyMs) return false;
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
