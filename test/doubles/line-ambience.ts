import { decodeMulaw } from '../../src/audio/mulaw.ts';
import type { Ambience } from '../../src/simulator/phone/caller-feed.ts';
import { BYTES_PER_MS } from '../../src/simulator/phone/mulaw-track.ts';
import { seededRandom } from '../../src/simulator/seeded-random.ts';

export interface LineSounds {
  /** Steady noise at this level (RMS, dB below full scale). */
  readonly noiseDbfs?: number;
  /** The assistant's voice comes back from the loudspeaker, changed by `db` (as -25), after `afterMs`. */
  readonly echo?: { readonly db: number; readonly afterMs: number };
  readonly seed?: number;
}

/** What is to be heard on the caller's side besides the caller; undefined on a line without sounds. */
export function lineAmbience(sounds: LineSounds): Ambience | undefined {
  const { noiseDbfs, echo, seed } = sounds;
  if (noiseDbfs === undefined && !echo) return undefined;
  const random = seededRandom(seed ?? 1);
  // Evenly spread noise has the RMS of its peak divided by √3.
  const noisePeak = noiseDbfs === undefined ? 0 : 32_768 * 10 ** (noiseDbfs / 20) * Math.sqrt(3);
  const echoGain = echo ? 10 ** (echo.db / 20) : 0;
  const echoSamples = echo ? Math.round(echo.afterMs * BYTES_PER_MS) : 0;

  return (startSample, pcm, heard) => {
    // Only what has been played can come back: the echo is always older than the frame is long.
    const played = echo ? decodeMulaw(heard(startSample - echoSamples, pcm.length)) : undefined;
    for (let i = 0; i < pcm.length; i++) {
      const noise = noisePeak > 0 ? (random() * 2 - 1) * noisePeak : 0;
      const sum = (pcm[i] ?? 0) + noise + (played?.[i] ?? 0) * echoGain;
      pcm[i] = Math.max(-32_768, Math.min(32_767, Math.round(sum)));
    }
  };
}
