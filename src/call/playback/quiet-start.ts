import { loudnessDbfs } from '../../audio/loudness.ts';
import { decodeMulaw, encodeMulaw } from '../../audio/mulaw.ts';
import { FRAME_SAMPLES, TELEPHONE_HZ } from '../../audio/telephone.ts';

/** Where words begin is an estimate; the quietest place within this time before it is between two words. */
const SEARCHED_SAMPLES = 0.25 * TELEPHONE_HZ;
/** Long enough to make no click, short enough to leave the first sound of a word. */
const FADE_SAMPLES = 40;

/** The audio from the quietest place shortly before `from` on, faded in. μ-law at 8,000 Hz. */
export function startQuietly(mulaw: Uint8Array, from: number): Uint8Array {
  let start = from;
  let quietest = Infinity;
  for (let at = from; at >= Math.max(0, from - SEARCHED_SAMPLES); at -= FRAME_SAMPLES) {
    const loudness = loudnessDbfs(decodeMulaw(mulaw.subarray(at, at + FRAME_SAMPLES)));
    if (loudness >= quietest) continue;
    quietest = loudness;
    start = at;
  }
  const rest = mulaw.slice(start);
  const head = decodeMulaw(rest.subarray(0, FADE_SAMPLES));
  rest.set(encodeMulaw(head.map((sample, index) => (sample * index) / FADE_SAMPLES)));
  return rest;
}
