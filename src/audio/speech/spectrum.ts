import rfft from 'fourier-transform';

/** The length of a window: 32 ms at 8,000 Hz, a power of two. */
export const WINDOW_SAMPLES = 256;
/** The telephone band, 94 to 3,600 Hz, in steps of 31.25 Hz. */
const FIRST_BIN = 3;
const LAST_BIN = 115;

const HANN = Float64Array.from(
  { length: WINDOW_SAMPLES },
  (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / WINDOW_SAMPLES),
);

const weighted = new Float64Array(WINDOW_SAMPLES);

/** The magnitudes of the telephone band in a window of `WINDOW_SAMPLES` samples. */
export function spectrumOf(window: Int16Array): Float64Array {
  // `Float64Array.from` with a function takes several times as long.
  for (let i = 0; i < WINDOW_SAMPLES; i += 1) weighted[i] = window[i]! * HANN[i]!;
  // The package uses the returned array again.
  return rfft(weighted).slice(FIRST_BIN, LAST_BIN + 1);
}

/** How alike two spectra are: 0 to 1, whatever their loudness. */
export function likeness(one: Float64Array, other: Float64Array): number {
  let both = 0;
  let ones = 0;
  let others = 0;
  for (let i = 0; i < one.length; i += 1) {
    both += one[i]! * other[i]!;
    ones += one[i]! * one[i]!;
    others += other[i]! * other[i]!;
  }
  return ones > 0 && others > 0 ? both / Math.sqrt(ones * others) : 0;
}
