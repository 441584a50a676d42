import { SAMPLES_PER_MS } from '../../audio/telephone.ts';

/** μ-law without its sign: from here on up a sample is quieter than -60 dB of full scale (ITU-T G.711). */
const QUIETEST_STEPS = 0x7c;
/** A pause of the voice. */
const MAX_PAUSE_BYTES = 1_000 * SAMPLES_PER_MS;

/** Holds silence in μ-law audio back until a sound follows: at the start all of it, later what is longer than a pause. */
export class HeldSilence {
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  /** Silence at the end of what was passed on. */
  #pauseBytes = 0;
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
    const lastSound = mulaw.findLastIndex((sample) => (sample & 0x7f) < QUIETEST_STEPS);
    if (lastSound >= 0) {
      const all = [...this.#held, mulaw];
      this.#held = [];
      this.#heldBytes = 0;
      this.#pauseBytes = mulaw.length - 1 - lastSound;
      this.#hasSound = true;
      return all;
    }
    if (this.#hasSound && this.#pauseBytes < MAX_PAUSE_BYTES) {
      this.#pauseBytes += mulaw.length;
      return [mulaw];
    }
    this.#held.push(mulaw);
    this.#heldBytes += mulaw.length;
    return [];
  }
}
