import { setImmediate } from 'node:timers/promises';

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that jumps to the next thing that is due. All promises settle before the next one. */
export class VirtualTime {
  #nowMs = 0;
  #order = 0;
  /** A binary heap: the earliest is first. */
  readonly #heap: Due[] = [];

  readonly now = (): number => this.#nowMs;

  readonly sleep = (ms: number): Promise<void> => new Promise((resolve) => this.after(ms, resolve));

  after(ms: number, run: () => void): void {
    const due = { atMs: this.#nowMs + ms, order: (this.#order += 1), run };
    let place = this.#heap.push(due) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (isBefore(this.#heap[parent]!, due)) break;
      this.#heap[place] = this.#heap[parent]!;
      place = parent;
    }
    this.#heap[place] = due;
  }

  /** Runs everything that is due before `untilMs`. */
  async run(untilMs: number): Promise<void> {
    for (let first = this.#heap[0]; first && first.atMs < untilMs; first = this.#heap[0]) {
      this.#nowMs = first.atMs;
      while (this.#heap[0]?.atMs === this.#nowMs) this.#takeFirst().run();
      await setImmediate();
    }
    this.#nowMs = untilMs;
  }

  #takeFirst(): Due {
    const first = this.#heap[0]!;
    const last = this.#heap.pop()!;
    if (this.#heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#heap.length) break;
      if (child + 1 < this.#heap.length && isBefore(this.#heap[child + 1]!, this.#heap[child]!)) child += 1;
      if (isBefore(last, this.#heap[child]!)) break;
      this.#heap[place] = this.#heap[child]!;
      place = child;
    }
    this.#heap[place] = last;
    return first;
  }
}

function isBefore(one: Due, other: Due): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
