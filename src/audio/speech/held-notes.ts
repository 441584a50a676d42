import { decodeMulaw } from '../mulaw.ts';
import { FRAME_SAMPLES } from '../telephone.ts';
import { likeness, spectrumOf, WINDOW_SAMPLES } from './spectrum.ts';

/** Moments this far apart are compared: within 100 ms, a voice has gone on to another sound. */
const APART_FRAMES = 5;
const APART_SAMPLES = APART_FRAMES * FRAME_SAMPLES;
/** The latest frame and the one it is compared with, as bits. */
const BOTH_VOICED = (1 << APART_FRAMES) | 1;
/**
 * Mean likeness above which a sound is held too long for speech. Measured 240 ms after the onset: 492 recordings of four real
 * speakers (Asterisk's prompts in English, French, Spanish, Italian) have 0.5 in the median, 0.67 to 0.79 in the 95th percentile; 88
 * pieces of Asterisk's music on hold 0.86 in the median.
 */
const HELD = 0.78;

/** Tells music from speech: notes and chords are held, while a voice changes its sound many times a second. */
export class HeldNotes {
  #voiced = 0;
  #sum = 0;
  #compared = 0;

  /** `sound`: all of it so far with at least 20 ms before it, up to the end of a 20 ms frame; μ-law at 8,000 Hz. */
  frame(sound: Uint8Array, voiced: boolean): void {
    this.#voiced = (this.#voiced << 1) | (voiced ? 1 : 0);
    if ((this.#voiced & BOTH_VOICED) !== BOTH_VOICED) return;
    this.#sum += likeness(windowAt(sound, sound.length - APART_SAMPLES), windowAt(sound, sound.length));
    this.#compared += 1;
  }

  /** True if the sound has been music so far. */
  get areHeld(): boolean {
    return this.#compared > 0 && this.#sum / this.#compared > HELD;
  }
}

function windowAt(sound: Uint8Array, end: number): Float64Array {
  return spectrumOf(decodeMulaw(sound.subarray(end - WINDOW_SAMPLES, end)));
}
