/**
 * The sum of two tracks, held at full scale where it would not fit. The shorter track counts as silent after its end.
 * `out`, when given, holds at least the longer track; what is returned is that much of it.
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

/** Two tracks as left and right of an interleaved stereo track; lengths and `out` (twice as long) as in `mixMono`. */
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
