import { seededRandom } from '../../src/simulator/seeded-random.ts';

/**
 * μ-law noise in which every stretch of a few bytes occurs once, so that each sample can be found again wherever it went.
 * Neither of the two silent codes is in it.
 */
export function traceableAudio(bytes: number, seed: number): Uint8Array {
  const random = seededRandom(seed);
  return Uint8Array.from({ length: bytes }, () => {
    const code = Math.floor(random() * 254);
    return code >= 0x7f ? code + 1 : code;
  });
}
