declare module 'fourier-transform' {
  /** The magnitudes of a real signal, one for each of the first half of its bins. The returned array is used again by the next call. */
  export default function rfft(signal: Float64Array): Float64Array;
}
