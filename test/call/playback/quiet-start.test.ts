import { describe, expect, it } from 'vitest';
import { decodeMulaw, encodeMulaw } from '../../../src/audio/mulaw.ts';
import { startQuietly } from '../../../src/call/playback/quiet-start.ts';
import { seededRandom } from '../../../src/simulator/seeded-random.ts';

/** Tones of 300 ms with pauses of 60 ms between them, and a little noise. */
function words(seed: number): Int16Array {
  const random = seededRandom(seed);
  return Int16Array.from({ length: 16_000 }, (_, at) => {
    const isPause = at % 2_880 >= 2_400;
    const tone = Math.sin((2 * Math.PI * 440 * at) / 8_000) * 9_000;
    return Math.round((isPause ? 0 : tone) + (random() - 0.5) * 60);
  });
}

function largestJump(pcm: Int16Array): number {
  let largest = Math.abs(pcm[0] ?? 0);
  for (let at = 1; at < pcm.length; at += 1) largest = Math.max(largest, Math.abs(pcm[at]! - pcm[at - 1]!));
  return largest;
}

describe('startQuietly', () => {
  const mulaw = encodeMulaw(words(1));
  const original = largestJump(decodeMulaw(mulaw));

  it('begins at zero, with no jump larger than those of the audio itself', () => {
    for (let from = 0; from < mulaw.length; from += 373) {
      const begun = decodeMulaw(startQuietly(mulaw, from));
      expect(Math.abs(begun[0]!)).toBeLessThanOrEqual(8);
      expect(largestJump(begun)).toBeLessThanOrEqual(original);
    }
  });

  it('fades in within 5 ms and changes nothing after that', () => {
    const loud = encodeMulaw(new Int16Array(4_000).fill(8_000));
    const begun = startQuietly(loud, 1_600);
    const head = [...decodeMulaw(begun.subarray(0, 40))];
    expect(head.every((sample, index) => index === 0 || sample >= head[index - 1]!)).toBe(true);
    expect(begun.subarray(40)).toEqual(loud.slice(-begun.length + 40));
  });

  it('begins in the pause before the word, at most 250 ms before the position', () => {
    for (let from = 0; from < mulaw.length; from += 373) {
      const start = mulaw.length - startQuietly(mulaw, from).length;
      expect(start).toBeLessThanOrEqual(from);
      expect(from - start).toBeLessThanOrEqual(2_000);
    }
    // In the second word, which begins at 2,880.
    const start = mulaw.length - startQuietly(mulaw, 3_400).length;
    expect(start).toBeGreaterThanOrEqual(2_400);
    expect(start).toBeLessThan(2_880);
  });

  it('leaves its argument as it is, and takes an empty rest', () => {
    const copy = mulaw.slice();
    startQuietly(mulaw, 5_000);
    expect(mulaw).toEqual(copy);
    expect(startQuietly(new Uint8Array(0), 0).length).toBe(0);
  });
});
