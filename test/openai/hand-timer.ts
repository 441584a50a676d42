import type { Timer } from '../../src/openai/server/timers.ts';

/** Shorter waits pass at once: the pauses before retries. */
const SHORTEST_WAIT_MS = 1_000;

/** A timer whose time passes when the test says so. */
export class HandTimer {
  readonly #waiting = new Map<() => void, number>();
  #whenSet: (() => void) | undefined;

  readonly timer: Timer = (afterMs, action) => {
    if (afterMs <= SHORTEST_WAIT_MS) {
      const soon = setImmediate(action);
      return () => clearImmediate(soon);
    }
    this.#waiting.set(action, afterMs);
    this.#whenSet?.();
    return () => void this.#waiting.delete(action);
  };

  get waiting(): number[] {
    return [...this.#waiting.values()];
  }

  /** Lets everything that waits run out, once there is something that waits. */
  async runOut(): Promise<void> {
    if (this.#waiting.size === 0) await new Promise<void>((set) => (this.#whenSet = set));
    for (const action of [...this.#waiting.keys()]) {
      this.#waiting.delete(action);
      action();
    }
  }
}
