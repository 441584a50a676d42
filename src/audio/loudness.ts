const FLOOR_DBFS = -100;
const FULL_SCALE = 32_768;

/** RMS level in dBFS, at least -100 (also for an empty array). A full-scale sine has -3.01. */
export function loudnessDbfs(pcm: Int16Array): number {
  let sumOfSquares = 0;
  for (let i = 0; i < pcm.length; i++) sumOfSquares += pcm[i]! * pcm[i]!;
  return dbfsOf(sumOfSquares, pcm.length);
}

/** The level of samples with that sum of squares; as `loudnessDbfs`. */
export function dbfsOf(sumOfSquares: number, samples: number): number {
  if (sumOfSquares === 0) return FLOOR_DBFS;
  const rms = Math.sqrt(sumOfSquares / samples) / FULL_SCALE;
  return Math.max(FLOOR_DBFS, 20 * Math.log10(rms));
}
