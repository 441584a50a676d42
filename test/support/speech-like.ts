/**
 * Sound with the make-up of telephone speech: gliding harmonics of a voice under moving formants, syllables, pauses,
 * and a little line noise. The same for the same arguments; μ-law is not applied.
 */
export function speechLike(seconds: number, rateHz: number, voice = 1): Int16Array {
  const pcm = new Int16Array(Math.round(seconds * rateHz));
  const noise = noiseFrom(voice);
  const highest = Math.min(3_600, rateHz * 0.45);
  let phase = 0;
  for (let i = 0; i < pcm.length; i++) {
    const t = i / rateHz;
    const pitch = (90 + 45 * voice) * (1 + 0.15 * Math.sin(2.1 * t + voice));
    phase = (phase + (2 * Math.PI * pitch) / rateHz) % (2 * Math.PI);
    const level = loudnessAt(t, voice);
    let sample = 12 * noise();
    if (level > 0) {
      const first = 550 + 250 * Math.sin(5.3 * t + voice);
      const second = 1_700 + 700 * Math.sin(3.7 * t + 2 * voice);
      sample += 40 * level * noise();
      for (let k = 1; k * pitch < highest; k++) {
        const near =
          1 / (1 + ((k * pitch - first) / 180) ** 2) + 0.5 / (1 + ((k * pitch - second) / 260) ** 2);
        sample += 5_200 * level * near * Math.sin(k * phase + k * k);
      }
    }
    pcm[i] = Math.max(-32_124, Math.min(32_124, Math.round(sample)));
  }
  return pcm;
}

/** Sentences of two to three seconds with a second between them, four syllables a second. */
function loudnessAt(t: number, voice: number): number {
  if ((t + 0.4 * voice) % 3.6 > 2.5) return 0;
  return Math.max(0, Math.sin(2 * Math.PI * (3.9 + 0.2 * voice) * t)) ** 0.7;
}

/** White noise within ±1 (a linear congruential generator). */
function noiseFrom(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2_147_483_648 - 1;
  };
}
