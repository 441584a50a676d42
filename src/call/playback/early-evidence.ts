import type { Evidence } from './playback-runs.ts';

/** The number of frames after which the network delay is known well enough. */
const FRAMES_TO_LEARN = 250;

interface DatedEvidence {
  readonly evidence: Evidence[];
  readonly index: number;
  /** The zero of the clock that dated it. */
  readonly zeroAtMs: number;
}

/** Evidence from before the first frame. It was dated by the arrival of `start`, which a cold start may delay. */
export class EarlyEvidence {
  #dated: DatedEvidence[] = [];
  #frames = 0;

  add(evidence: Evidence[], index: number, zeroAtMs: number): void {
    this.#dated.push({ evidence, index, zeroAtMs });
  }

  /** True if some of the evidence may still be dated again. */
  holds(evidence: readonly Evidence[]): boolean {
    return this.#dated.some((one) => one.evidence === evidence);
  }

  /** A frame arrived: dates the evidence again with the clock's present zero. */
  frame(zeroAtMs: number): void {
    if (this.#dated.length === 0) return;
    this.#dated = this.#dated.map(({ evidence, index, zeroAtMs: before }) => {
      const { fromMs, toMs, ...rest } = evidence[index]!;
      const laterMs = before - zeroAtMs;
      evidence[index] = { ...rest, fromMs: fromMs + laterMs, toMs: toMs + laterMs };
      return { evidence, index, zeroAtMs };
    });
    this.#frames += 1;
    if (this.#frames >= FRAMES_TO_LEARN) this.#dated = [];
  }
}
