import { describe, expect, it } from 'vitest';
import { loudnessDbfs } from '../../src/audio/loudness.ts';
import { interleaveStereo, mixMono } from '../../src/audio/mix.ts';
import { silence, sine } from '../../src/audio/tone.ts';
import { amplitudeAt } from '../support/tones.ts';

describe('loudnessDbfs', () => {
  it.each([-3.01, -20, -45.5])('measures the level of a sine of %d dBFS', (dbfs) => {
    expect(loudnessDbfs(sine(400, 1_000, dbfs))).toBeCloseTo(dbfs, 1);
  });

  it('returns 0 for a full-scale square wave and -100 for silence or no samples', () => {
    expect(loudnessDbfs(Int16Array.of(-32_768, -32_768))).toBe(0);
    expect(loudnessDbfs(silence(20))).toBe(-100);
    expect(loudnessDbfs(new Int16Array(0))).toBe(-100);
  });

  it('measures a single lowest bit in a frame above the floor', () => {
    expect(loudnessDbfs(Int16Array.of(1, -1, 1, -1))).toBeCloseTo(-90.3, 1);
  });
});

describe('sine', () => {
  it('has the requested duration and frequency', () => {
    const tone = sine(1_000, 250, -10, 16_000);
    expect(tone.length).toBe(4_000);
    expect(amplitudeAt(tone, 1_000, 16_000)).toBeCloseTo(32_768 * Math.SQRT2 * 10 ** (-10 / 20), -1);
    expect(amplitudeAt(tone, 1_500, 16_000)).toBeLessThan(1);
  });

  it('refuses a level that would clip', () => {
    expect(() => sine(1_000, 20, -2.9)).toThrow('clip');
  });
});

describe('mixMono', () => {
  it('adds sample by sample and limits at full scale instead of wrapping', () => {
    const mixed = mixMono(
      Int16Array.of(1, 30_000, -30_000, 32_767),
      Int16Array.of(2, 30_000, -30_000, -32_768),
    );
    expect(mixed).toEqual(Int16Array.of(3, 32_767, -32_768, -1));
  });

  it('treats the shorter track as silent after its end', () => {
    expect(mixMono(Int16Array.of(1, 2, 3), Int16Array.of(10))).toEqual(Int16Array.of(11, 2, 3));
    expect(mixMono(Int16Array.of(10), Int16Array.of(1, 2, 3))).toEqual(Int16Array.of(11, 2, 3));
  });

  it('overwrites a reused output', () => {
    const out = new Int16Array(4).fill(99);
    expect(mixMono(Int16Array.of(1, 2), Int16Array.of(3), out)).toEqual(Int16Array.of(4, 2));
    expect(() => mixMono(Int16Array.of(1, 2), Int16Array.of(3), new Int16Array(1))).toThrow(RangeError);
  });
});

describe('interleaveStereo', () => {
  it('puts the first track left, the second right, and silence after the end of one', () => {
    const out = new Int16Array(8).fill(99);
    const stereo = interleaveStereo(Int16Array.of(1, 2, 3), Int16Array.of(10), out);
    expect(stereo).toEqual(Int16Array.of(1, 10, 2, 0, 3, 0));
    expect(stereo.buffer).toBe(out.buffer);
  });
});
