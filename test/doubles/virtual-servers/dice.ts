import { seededRandom } from '../../../src/simulator/seeded-random.ts';
import type { BodyPart } from './virtual-network.ts';

/** Random decisions; the same for the same seed. */
export class Dice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** A whole number of this range, ends included. */
  between(least: number, most: number): number {
    return Math.floor(least + this.#random() * (most - least + 1));
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)]!;
  }

  /** True in this share of the cases. */
  chance(share: number): boolean {
    return this.#random() < share;
  }

  /** Cuts a body at random bytes into at most `most` parts that arrive over `lastsMs`. */
  cut(body: Uint8Array, most: number, lastsMs: number): BodyPart[] {
    const count = Math.min(body.length, this.between(1, most));
    const cuts = Array.from({ length: count - 1 }, () => this.between(1, body.length - 1)).sort(
      (a, b) => a - b,
    );
    const ends = [...cuts, body.length];
    let from = 0;
    return ends.flatMap((to) => {
      if (to === from) return [];
      const part: BodyPart = [Math.round(((to - from) / body.length) * lastsMs), body.subarray(from, to)];
      from = to;
      return [part];
    });
  }
}
