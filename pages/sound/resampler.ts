/** Zero crossings of the kernel on each side: the steepness of the low-pass. */
const CROSSINGS = 24;
/** The passband ends a little below half of the lower rate, so that the transition band ends there. */
const CUTOFF = 0.92;

/**
 * Changes the rate of audio in blocks, with a windowed-sinc low-pass at the lower of the two rates. The first output
 * corresponds to the first input; the output lags by half of the kernel.
 */
export class Resampler {
  /** The delay of the output behind the last input. */
  readonly lagSeconds: number;
  readonly #phases: readonly Float32Array[];
  readonly #half: number;
  /** Input samples per output sample: an integer, and a fraction of phases. */
  readonly #step: number;
  readonly #stepPhases: number;
  #held: Float32Array;
  /** The position of the next output sample in `#held`. */
  #at: number;
  #phase = 0;

  constructor(fromHz: number, toHz: number) {
    const common = greatestDivisor(fromHz, toHz);
    const phases = toHz / common;
    const scale = Math.min(1, toHz / fromHz) * CUTOFF;
    this.#half = Math.ceil(CROSSINGS / scale);
    this.lagSeconds = this.#half / fromHz;
    this.#phases = Array.from({ length: phases }, (_, phase) => kernel(phase / phases, scale, this.#half));
    this.#step = Math.floor(fromHz / toHz);
    this.#stepPhases = (fromHz / common) % phases;
    this.#held = new Float32Array(this.#half);
    this.#at = this.#half;
  }

  push(block: Float32Array): Float32Array {
    const held = new Float32Array(this.#held.length + block.length);
    held.set(this.#held);
    held.set(block, this.#held.length);
    const out: number[] = [];
    while (this.#at + this.#half < held.length) {
      out.push(dot(held, this.#at - this.#half, this.#phases[this.#phase]!));
      this.#advance();
    }
    const past = Math.max(0, Math.min(this.#at - this.#half, held.length));
    this.#held = held.slice(past);
    this.#at -= past;
    return Float32Array.from(out);
  }

  #advance(): void {
    this.#at += this.#step;
    this.#phase += this.#stepPhases;
    if (this.#phase < this.#phases.length) return;
    this.#phase -= this.#phases.length;
    this.#at += 1;
  }
}

/** Weights of the samples from `-half` to `+half` around a position that is `offset` after a sample. Their sum is 1. */
function kernel(offset: number, scale: number, half: number): Float32Array {
  const weights = Float32Array.from({ length: 2 * half + 1 }, (_, index) => {
    const t = index - half - offset;
    return sinc(t * scale) * blackman(t / (half + 1));
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** From -1 to 1. */
function blackman(x: number): number {
  return Math.abs(x) >= 1 ? 0 : 0.42 + 0.5 * Math.cos(Math.PI * x) + 0.08 * Math.cos(2 * Math.PI * x);
}

function dot(samples: Float32Array, from: number, weights: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += samples[from + i]! * weights[i]!;
  return sum;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
