/** The most recent part of a sound that grows. The cost of adding depends on what is added, not on what is kept. */
export class SampleBuffer {
  readonly #perMs: number;
  #samples = new Int16Array(16_384);
  #length = 0;
  /** The number of samples dropped so far. */
  #from = 0;

  constructor(rateHz: number) {
    this.#perMs = rateHz / 1_000;
  }

  /** Allows dropping samples older than `keepMs` before the end. */
  add(pcm: Int16Array, keepMs: number): void {
    if (this.#length + pcm.length > this.#samples.length) this.#makeRoom(pcm.length, keepMs * this.#perMs);
    this.#samples.set(pcm, this.#length);
    this.#length += pcm.length;
  }

  /** The samples of a range, as far as they are kept. Milliseconds since the sound began. */
  between(fromMs: number, toMs: number): Int16Array {
    const at = (ms: number) => Math.max(0, Math.min(this.#length, Math.round(ms * this.#perMs) - this.#from));
    return this.#samples.slice(at(fromMs), at(toMs));
  }

  /** Grows to twice the kept length, so that growing is rare. */
  #makeRoom(added: number, mostKept: number): void {
    const kept = Math.min(this.#length, mostKept);
    const samples = new Int16Array(2 * kept + added + this.#perMs * 1_000);
    samples.set(this.#samples.subarray(this.#length - kept, this.#length));
    this.#from += this.#length - kept;
    this.#length = kept;
    this.#samples = samples;
  }
}
