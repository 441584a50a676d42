import { loudnessDbfs } from '../../audio/loudness.ts';

const WINDOW_MS = 20;
/** A sample of this size may have been cut off. */
const FULL_SCALE = 32_700;

/** Measures the sound of a recording that arrives in portions: its length, its loudness over time, and its peak. */
export class SoundMeter {
  #rateHz = 0;
  #samples = 0;
  #peak = 0;
  #clipped = 0;
  #pending = new Int16Array(0);
  readonly #windows: number[] = [];

  add(pcm: Int16Array, rateHz: number): void {
    this.#rateHz = rateHz;
    this.#samples += pcm.length;
    for (const sample of pcm) {
      const size = Math.abs(sample);
      if (size > this.#peak) this.#peak = size;
      if (size >= FULL_SCALE) this.#clipped += 1;
    }
    const all = new Int16Array(this.#pending.length + pcm.length);
    all.set(this.#pending);
    all.set(pcm, this.#pending.length);
    const length = Math.round((rateHz * WINDOW_MS) / 1_000);
    let at = 0;
    for (; at + length <= all.length; at += length)
      this.#windows.push(loudnessDbfs(all.subarray(at, at + length)));
    this.#pending = all.slice(at);
  }

  get rateHz(): number {
    return this.#rateHz;
  }

  get lengthMs(): number {
    return this.#rateHz === 0 ? 0 : (this.#samples * 1_000) / this.#rateHz;
  }

  /** dBFS; -100 for silence. */
  get peakDbfs(): number {
    return this.#peak === 0 ? -100 : 20 * Math.log10(this.#peak / 32_768);
  }

  /** The share of samples at full scale. */
  get clippedShare(): number {
    return this.#samples === 0 ? 0 : this.#clipped / this.#samples;
  }

  /** The loudest 20 ms between two times, in dBFS. */
  loudestDbfs(fromMs: number, toMs: number): number {
    const windows = this.#windows.slice(Math.floor(fromMs / WINDOW_MS), Math.ceil(toMs / WINDOW_MS));
    return Math.max(-100, ...windows);
  }
}
