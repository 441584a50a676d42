import { beforeAll, describe, expect, it } from 'vitest';
import { loadResampler } from '../../../src/audio/resampler.ts';
import { ChunkSegmenter } from '../../../src/audio/speech/chunk-segmenter.ts';
import { RECOGNISER_HZ, type SegmentedUtterance } from '../../../src/audio/speech/utterance-segmenter.ts';
import { sine } from '../../../src/audio/tone.ts';

beforeAll(() => loadResampler());

const RATE_HZ = 48_000;

/** The chunks of a sound that arrives in messages of this many samples. */
function chunksOf(sound: Int16Array, chunkMs: number, messageSamples: number): SegmentedUtterance[] {
  const segmenter = new ChunkSegmenter({ sampleRateHz: RATE_HZ, chunkMs });
  const events = [];
  for (let at = 0; at < sound.length; at += messageSamples)
    events.push(...segmenter.hear(sound.subarray(at, at + messageSamples)));
  events.push(...segmenter.end());
  segmenter.close();
  return events.flatMap((event) => (event.kind === 'finished' ? [event.utterance] : []));
}

describe('a chunk', () => {
  it.each([960, 4_800, 7 * RATE_HZ])('is at most the given length, in messages of %i samples', (message) => {
    const chunks = chunksOf(sine(440, 7_000, -12, RATE_HZ), 2_000, message);
    let endMs = 0;
    for (const { startMs, endMs: nextMs, pcm } of chunks) {
      // Nothing is left out or sent twice.
      expect(startMs).toBe(endMs);
      expect(nextMs - startMs).toBeLessThanOrEqual(2_000);
      expect(Math.abs(pcm.length - ((nextMs - startMs) * RECOGNISER_HZ) / 1_000)).toBeLessThanOrEqual(1);
      endMs = nextMs;
    }
    expect(Math.abs(endMs - 7_000)).toBeLessThan(5);
    expect(chunks.length).toBeLessThanOrEqual(5);
  });

  it('ends at the quietest moment of its last quarter', () => {
    const sound = sine(440, 6_000, -12, RATE_HZ);
    sound.fill(0, (1_700 * RATE_HZ) / 1_000, (1_780 * RATE_HZ) / 1_000);
    const [first] = chunksOf(sound, 2_000, 4_800);
    expect(first!.endMs).toBeGreaterThan(1_700);
    expect(first!.endMs).toBeLessThanOrEqual(1_790);
  });

  it('may be the rest of the sound; without sound there is none', () => {
    expect(chunksOf(new Int16Array(0), 2_000, 960)).toEqual([]);
    const [only, ...others] = chunksOf(sine(440, 300, -12, RATE_HZ), 2_000, 960);
    expect([only!.startMs, others]).toEqual([0, []]);
  });
});
