const WINDOW = 512;

/**
 * Signal to difference in dB within a band: how far `decoded` is from `original` there, over the whole sound.
 * Both of the same length and aligned.
 */
export function bandSnrDb(
  original: Int16Array,
  decoded: Int16Array,
  rateHz: number,
  [fromHz, toHz]: readonly [number, number],
): number {
  const difference = Float64Array.from(original, (sample, i) => sample - decoded[i]!);
  const low = Math.ceil((fromHz * WINDOW) / rateHz);
  const high = Math.floor((toHz * WINDOW) / rateHz);
  let signal = 0;
  let error = 1e-9;
  for (let at = 0; at + WINDOW <= original.length; at += WINDOW / 2) {
    signal += bandEnergy(original.subarray(at, at + WINDOW), low, high);
    error += bandEnergy(difference.subarray(at, at + WINDOW), low, high);
  }
  return 10 * Math.log10(signal / error);
}

function bandEnergy(samples: ArrayLike<number>, low: number, high: number): number {
  const real = Float64Array.from(samples, (sample, i) => sample * (1 - Math.cos((2 * Math.PI * i) / WINDOW)));
  const imaginary = new Float64Array(WINDOW);
  transform(real, imaginary);
  let energy = 0;
  for (let bin = low; bin <= high; bin++) energy += real[bin]! ** 2 + imaginary[bin]! ** 2;
  return energy;
}

/** Fast Fourier transform in place, of a power of two. */
function transform(real: Float64Array, imaginary: Float64Array): void {
  const size = real.length;
  for (let i = 1, j = 0; i < size; i++) {
    let bit = size >> 1;
    for (; (j & bit) !== 0; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) [real[i], real[j]] = [real[j]!, real[i]!];
  }
  for (let half = 1; half < size; half *= 2) {
    for (let k = 0; k < half; k++) {
      const cos = Math.cos((Math.PI * k) / half);
      const sin = -Math.sin((Math.PI * k) / half);
      for (let a = k; a < size; a += 2 * half) {
        const b = a + half;
        const re = real[b]! * cos - imaginary[b]! * sin;
        const im = real[b]! * sin + imaginary[b]! * cos;
        real[b] = real[a]! - re;
        imaginary[b] = imaginary[a]! - im;
        real[a] = real[a]! + re;
        imaginary[a] = imaginary[a]! + im;
      }
    }
  }
}
