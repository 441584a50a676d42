import { TELEPHONE_HZ } from './telephone.ts';

const FULL_SCALE = 32_768;
/** The level of the loudest sine that does not clip, RMS in dBFS. */
const LOUDEST_SINE_DBFS = 20 * Math.log10(32_767 / FULL_SCALE / Math.SQRT2);

/**
 * A sine that starts at zero. `dbfs` is its RMS level, as measured by `loudnessDbfs`. Throws a RangeError above -3.01
 * dBFS, where it would clip.
 */
export function sine(hz: number, ms: number, dbfs: number, rateHz = TELEPHONE_HZ): Int16Array {
  // A tolerance of a hundredth of a decibel admits the customary -3.01.
  if (dbfs > LOUDEST_SINE_DBFS + 0.01) throw new RangeError(`a sine of ${dbfs} dBFS (RMS) would clip`);
  const amplitude = 10 ** (Math.min(dbfs, LOUDEST_SINE_DBFS) / 20) * FULL_SCALE * Math.SQRT2;
  const step = (2 * Math.PI * hz) / rateHz;
  const pcm = silence(ms, rateHz);
  for (let i = 0; i < pcm.length; i++) pcm[i] = Math.round(amplitude * Math.sin(step * i));
  return pcm;
}

/** `ms` of digital silence. */
export function silence(ms: number, rateHz = TELEPHONE_HZ): Int16Array {
  return new Int16Array(Math.round((ms * rateHz) / 1_000));
}
