/**
 * Sums two tracks and clips at full scale. The shorter track counts as silent after its end. `out`, if given, must have
 * at least the length of the longer track; the result is a view of that length.
 */
export function mixMono(one: Int16Array, other: Int16Array, out?: Int16Array): Int16Array {
  const length = Math.max(one.length, other.length);
  const both = Math.min(one.length, other.length);
  const longer = one.length > other.length ? one : other;
  const mixed = takeOutput(out, length);
  for (let i = 0; i < both; i++) {
    const sum = one[i]! + other[i]!;
    mixed[i] = sum > 32_767 ? 32_767 : sum < -32_768 ? -32_768 : sum;
  }
  for (let i = both; i < length; i++) mixed[i] = longer[i]!;
  return mixed;
}

/** Interleaves two tracks as left and right; lengths and `out` (twice as long) as in `mixMono`. */
export function interleaveStereo(left: Int16Array, right: Int16Array, out?: Int16Array): Int16Array {
  const frames = Math.max(left.length, right.length);
  const stereo = takeOutput(out, 2 * frames);
  for (let i = 0; i < frames; i++) {
    stereo[2 * i] = i < left.length ? left[i]! : 0;
    stereo[2 * i + 1] = i < right.length ? right[i]! : 0;
  }
  return stereo;
}

function takeOutput(out: Int16Array | undefined, length: number): Int16Array {
  if (out === undefined) return new Int16Array(length);
  if (out.length < length) throw new RangeError(`the output holds ${out.length} samples, not ${length}`);
  return out.length === length ? out : out.subarray(0, length);
}
