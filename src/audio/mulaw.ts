import alawmulaw from 'alawmulaw';

// A lookup table with a reused output is twelve times as fast as calling the package for every frame.
const linearOfCode = new Int16Array(256);
const squareOfCode = new Float64Array(256);
const codeOfLinear = new Uint8Array(65_536);
for (let code = 0; code < 256; code++) {
  linearOfCode[code] = alawmulaw.mulaw.decodeSample(code);
  squareOfCode[code] = linearOfCode[code]! ** 2;
}
for (let sample = -32_768; sample <= 32_767; sample++) {
  // encodeSample returns negative numbers for half of the codes.
  codeOfLinear[sample & 0xffff] = alawmulaw.mulaw.encodeSample(sample) & 0xff;
}

/**
 * Decodes G.711 μ-law to 16-bit samples, one per byte. If `out` has the right length nothing is allocated; for a longer
 * `out` the result is a view of its beginning.
 */
export function decodeMulaw(mulaw: Uint8Array, out?: Int16Array): Int16Array {
  const pcm = outputOf(out, mulaw.length) ?? new Int16Array(mulaw.length);
  // Local variables: module bindings would be looked up again for every sample.
  const table = linearOfCode;
  const length = mulaw.length;
  for (let i = 0; i < length; i++) pcm[i] = table[mulaw[i]!]!;
  return pcm;
}

/** Decodes to the beginning of `out`; returns the sum of the squares of the samples, for `dbfsOf`. One pass over a frame. */
export function decodeMulawEnergy(mulaw: Uint8Array, out: Int16Array): number {
  if (out.length < mulaw.length)
    throw new RangeError(`the output holds ${out.length} samples, not ${mulaw.length}`);
  const table = linearOfCode;
  const length = mulaw.length;
  let sumOfSquares = 0;
  for (let i = 0; i < length; i++) {
    const sample = table[mulaw[i]!]!;
    out[i] = sample;
    sumOfSquares += sample * sample;
  }
  return sumOfSquares;
}

/** The sum of the squares of the samples from `from` to `to`, for `dbfsOf`. */
export function mulawEnergy(mulaw: Uint8Array, from: number, to: number): number {
  const table = squareOfCode;
  let sumOfSquares = 0;
  for (let i = from; i < to; i++) sumOfSquares += table[mulaw[i]!]!;
  return sumOfSquares;
}

/** Encodes 16-bit samples as G.711 μ-law, one byte per sample; `out` as in `decodeMulaw`. */
export function encodeMulaw(pcm: Int16Array, out?: Uint8Array): Uint8Array {
  const mulaw = outputOf(out, pcm.length) ?? new Uint8Array(pcm.length);
  const table = codeOfLinear;
  const length = pcm.length;
  for (let i = 0; i < length; i++) mulaw[i] = table[pcm[i]! & 0xffff]!;
  return mulaw;
}

function outputOf<Samples extends Int16Array | Uint8Array>(
  out: Samples | undefined,
  length: number,
): Samples | undefined {
  if (out === undefined || out.length === length) return out;
  if (out.length < length) throw new RangeError(`the output holds ${out.length} samples, not ${length}`);
  return out.subarray(0, length) as Samples;
}
