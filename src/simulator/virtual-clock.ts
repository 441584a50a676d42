import type { Clock } from '../events/clock.ts';

interface Sleeper {
  readonly atMs: number;
  readonly order: number;
  readonly wake: () => void;
}

/** A clock that moves only on request and wakes waiting tasks in order of time. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #order = 0;
  #waiting: Sleeper[] = [];

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  readonly now = (): number => this.#nowMs;

  /** When the next waiting task wakes; `undefined` if none waits. */
  get nextWakeMs(): number | undefined {
    return this.#waiting[0]?.atMs;
  }

  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((wake) => {
      if (signal?.aborted) return wake();
      signal?.addEventListener('abort', () => wake(), { once: true });
      this.at(this.#nowMs + Math.max(0, ms), wake);
    });

  /** Calls `wake` at that time; returns a function that cancels it. */
  at(atMs: number, wake: () => void): () => void {
    const one = { atMs, order: (this.#order += 1), wake };
    let index = this.#waiting.length;
    while (index > 0 && this.#waiting[index - 1]!.atMs > atMs) index -= 1;
    this.#waiting.splice(index, 0, one);
    return () => {
      const at = this.#waiting.indexOf(one);
      if (at >= 0) this.#waiting.splice(at, 1);
    };
  }

  /** Calls `action` once after `afterMs`; returns a function that cancels it. */
  readonly timer = (afterMs: number, action: () => void): (() => void) =>
    this.at(this.#nowMs + Math.max(0, afterMs), action);

  /** Advances to `toMs`, waking tasks in order of time; each task finishes before the clock continues. */
  async goTo(toMs: number): Promise<void> {
    await pendingTasks();
    for (let next = this.#waiting[0]; next && next.atMs <= toMs; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
      await pendingTasks();
    }
    this.#nowMs = Math.max(this.#nowMs, toMs);
  }
}

/** Resolves when all pending promise callbacks have run. */
function pendingTasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
