const WINDOW_MS = 30_000;
const BUCKET_MS = 1_000;
export const LEAST_JITTER_MS = 20;
const MOST_JITTER_MS = 100;

/** The network delay of the last 30 s. Delays are differences of arrival time and timestamp. */
export interface DelayEstimate {
  readonly leastMs: number;
  /** The range of the delays. */
  readonly jitterMs: number;
  /** Twice the mean delay above the least: the range unless the network stalled. */
  readonly spreadMs: number;
  /** The mean delay minus the least delay. */
  readonly usuallyLaterMs: number;
}

interface Bucket {
  readonly second: number;
  least: number;
  most: number;
  sum: number;
  count: number;
}

/** Estimates the network delay from the frames of the last 30 s. */
export class DelayWindow {
  readonly #buckets: Bucket[] = [];
  #estimate: DelayEstimate;

  /** `firstMs`: the delay that is assumed until a frame arrives. */
  constructor(firstMs: number) {
    this.#estimate = {
      leastMs: firstMs,
      jitterMs: LEAST_JITTER_MS,
      spreadMs: LEAST_JITTER_MS,
      usuallyLaterMs: 0,
    };
  }

  get estimate(): DelayEstimate {
    return this.#estimate;
  }

  add(delay: number, atMs: number): void {
    const second = Math.floor(atMs / BUCKET_MS);
    const last = this.#buckets.at(-1);
    if (last?.second === second) {
      last.sum += delay;
      last.count += 1;
      if (delay >= last.least && delay <= last.most) return;
      last.least = Math.min(last.least, delay);
      last.most = Math.max(last.most, delay);
    } else {
      this.#buckets.push({ second, least: delay, most: delay, sum: delay, count: 1 });
      while ((this.#buckets[0]?.second ?? second) < second - WINDOW_MS / BUCKET_MS) this.#buckets.shift();
    }
    this.#estimate = estimateOf(this.#buckets);
  }
}

function estimateOf(buckets: readonly Bucket[]): DelayEstimate {
  let leastMs = Infinity;
  let most = -Infinity;
  let sum = 0;
  let count = 0;
  for (const bucket of buckets) {
    leastMs = Math.min(leastMs, bucket.least);
    most = Math.max(most, bucket.most);
    sum += bucket.sum;
    count += bucket.count;
  }
  // Evenly distributed delays reach twice their mean; a single stall hardly changes the mean.
  const usuallyLaterMs = sum / count - leastMs;
  return { leastMs, jitterMs: jitter(most - leastMs), spreadMs: jitter(2 * usuallyLaterMs), usuallyLaterMs };
}

function jitter(ms: number): number {
  return Math.min(MOST_JITTER_MS, Math.max(LEAST_JITTER_MS, ms));
}
