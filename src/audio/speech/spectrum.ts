/** The length of a window: 32 ms at 8,000 Hz, a power of two. */
export const WINDOW_SAMPLES = 256;
/** The telephone band, 94 to 3,600 Hz, in steps of 31.25 Hz. */
const FIRST_BIN = 3;
const LAST_BIN = 115;
const BITS = Math.log2(WINDOW_SAMPLES);

const angle = (i: number): number => (2 * Math.PI * i) / WINDOW_SAMPLES;
const HANN = Float64Array.from({ length: WINDOW_SAMPLES }, (_, i) => 0.5 - 0.5 * Math.cos(angle(i)));
const COSINES = Float64Array.from({ length: WINDOW_SAMPLES / 2 }, (_, i) => Math.cos(angle(i)));
const SINES = Float64Array.from({ length: WINDOW_SAMPLES / 2 }, (_, i) => -Math.sin(angle(i)));
const REVERSED = Uint8Array.from({ length: WINDOW_SAMPLES }, (_, i) => reversedBits(i));

/** The magnitudes of the telephone band in a window of `WINDOW_SAMPLES` samples, by a fast Fourier transform. */
export function spectrumOf(window: Int16Array): Float64Array {
  const re = new Float64Array(WINDOW_SAMPLES);
  const im = new Float64Array(WINDOW_SAMPLES);
  for (let i = 0; i < WINDOW_SAMPLES; i += 1) re[REVERSED[i]!] = window[i]! * HANN[i]!;
  for (let length = 2; length <= WINDOW_SAMPLES; length *= 2) {
    const half = length / 2;
    for (let from = 0; from < WINDOW_SAMPLES; from += length) {
      for (let i = 0; i < half; i += 1)
        butterfly(re, im, from + i, from + i + half, (i * WINDOW_SAMPLES) / length);
    }
  }
  return Float64Array.from({ length: LAST_BIN - FIRST_BIN + 1 }, (_, i) =>
    Math.hypot(re[FIRST_BIN + i]!, im[FIRST_BIN + i]!),
  );
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

function butterfly(re: Float64Array, im: Float64Array, a: number, b: number, turn: number): void {
  const [cosine, sine] = [COSINES[turn]!, SINES[turn]!];
  const real = re[b]! * cosine - im[b]! * sine;
  const imaginary = re[b]! * sine + im[b]! * cosine;
  re[b] = re[a]! - real;
  im[b] = im[a]! - imaginary;
  re[a]! += real;
  im[a]! += imaginary;
}

function reversedBits(value: number): number {
  let reversed = 0;
  for (let bit = 0; bit < BITS; bit += 1) reversed = (reversed << 1) | ((value >> bit) & 1);
  return reversed;
}
