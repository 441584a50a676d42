/** Amplitude of one frequency by correlation with a sine and a cosine under a Hann window; 32,768 is full scale. */
export function amplitudeAt(pcm: ArrayLike<number>, hz: number, rateHz: number): number {
  let real = 0;
  let imaginary = 0;
  let weight = 0;
  for (let i = 0; i < pcm.length; i++) {
    const window = 1 - Math.cos((2 * Math.PI * i) / pcm.length);
    const phase = (2 * Math.PI * hz * i) / rateHz;
    real += window * pcm[i]! * Math.cos(phase);
    imaginary += window * pcm[i]! * Math.sin(phase);
    weight += window;
  }
  return (2 * Math.hypot(real, imaginary)) / weight;
}

/** 20 log10 of the ratio of two amplitudes. */
export function decibels(amplitude: number, reference: number): number {
  return 20 * Math.log10(Math.max(amplitude, 1e-9) / reference);
}

/** How well `other`, shifted by `shift` samples to the left, follows `one`: 1 is the same shape. */
export function correlation(one: Int16Array, other: Int16Array, shift = 0): number {
  const from = Math.max(0, -shift);
  const to = Math.min(one.length, other.length - shift);
  let both = 0;
  let ones = 0;
  let others = 0;
  for (let i = from; i < to; i++) {
    both += one[i]! * other[i + shift]!;
    ones += one[i]! ** 2;
    others += other[i + shift]! ** 2;
  }
  return both / Math.sqrt(ones * others);
}

/** The shift within ±`reach` samples at which `other` follows `one` best. */
export function bestShift(one: Int16Array, other: Int16Array, reach: number): number {
  let best = 0;
  let most = -Infinity;
  for (let shift = -reach; shift <= reach; shift++) {
    const likeness = correlation(one, other, shift);
    if (likeness > most) [best, most] = [shift, likeness];
  }
  return best;
}
