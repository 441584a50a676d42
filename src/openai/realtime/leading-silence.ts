import { SAMPLES_PER_MS } from '../../audio/telephone.ts';

/** μ-law without its sign: from here on up a sample is quieter than -60 dB of full scale (ITU-T G.711). */
const QUIETEST_STEPS = 0x7c;

/** Holds the silence at the start of μ-law audio back until a sound follows. */
export class LeadingSilence {
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #hasSound = false;

  /** The length of the silence that is held back. */
  get heldMs(): number {
    return this.#heldBytes / SAMPLES_PER_MS;
  }

  get hasSound(): boolean {
    return this.#hasSound;
  }

  /** Returns what may be played. */
  add(mulaw: Uint8Array): readonly Uint8Array[] {
    if (this.#hasSound) return [mulaw];
    this.#held.push(mulaw);
    this.#heldBytes += mulaw.length;
    this.#hasSound = mulaw.some((sample) => (sample & 0x7f) < QUIETEST_STEPS);
    if (!this.#hasSound) return [];
    const all = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    return all;
  }
}
