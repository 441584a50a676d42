import { describe, expect, it } from 'vitest';
import { FramePlacement } from '../../../src/call/playback/frame-placement.ts';
import { StreamClock } from '../../../src/call/playback/stream-clock.ts';

describe('StreamClock', () => {
  it('dates a returned mark by the frames before and after it, independent of the clocks', () => {
    const clock = new StreamClock(1_000);
    expect(clock.date(99_999, 200, 220)).toEqual({ fromMs: 200, toMs: 220 });
  });

  it('dates a returned mark by its arrival minus the smallest delay if frames are missing', () => {
    const clock = new StreamClock(1_000);
    clock.frame(0, 20, 1_090);
    clock.frame(20, 20, 1_070);
    for (const after of [undefined, 900]) {
      const { fromMs, toMs } = clock.date(1_550, 40, after);
      expect(toMs).toBe(500);
      expect(fromMs).toBeGreaterThan(400);
    }
  });

  it('never dates a returned mark before the frame that preceded it', () => {
    const clock = new StreamClock(1_000);
    clock.frame(500, 20, 1_500);
    expect(clock.date(1_450, 500, undefined)).toMatchObject({ fromMs: 500, toMs: 500 });
  });

  it('forgets delays after half a minute', () => {
    const clock = new StreamClock(1_000);
    clock.frame(0, 20, 1_000);
    for (let ms = 20; ms <= 40_000; ms += 20) clock.frame(ms, 20, 1_050 + ms);
    expect(clock.zeroAtMs).toBe(1_050);
  });

  it('ends with the last frame, even if it is read late', () => {
    const clock = new StreamClock(1_000);
    for (let ms = 0; ms < 1_000; ms += 20) clock.frame(ms, 20, 1_000 + ms);
    for (let ms = 1_000; ms < 2_000; ms += 20) clock.frame(ms, 20, 3_500);
    expect(clock.endMs(3_500)).toBe(2_000);
  });

  it('ends with the stop if frames had stopped before', () => {
    const clock = new StreamClock(1_000);
    for (let ms = 0; ms < 1_000; ms += 20) clock.frame(ms, 20, 1_040 + ms);
    expect(clock.endMs(6_040)).toBe(5_000);
    expect(new StreamClock(1_000).endMs(4_000)).toBe(3_000);
    expect(new StreamClock(1_000).endMs(1_000)).toBe(0);
  });
});

describe('FramePlacement', () => {
  it('accepts timestamps up to a second ahead, late ones and repeated ones', () => {
    const track = new FramePlacement(0);
    expect(track.place(0, 160, 0)).toBe(0);
    expect(track.place(1_000, 160, 0)).toBe(1_000);
    expect(track.place(20, 160, 100)).toBe(20);
    expect(track.place(20, 160, 100)).toBe(20);
    expect(track.rejected).toBe(0);
  });

  it('places a frame from the future after the last one, and counts it', () => {
    const track = new FramePlacement(0);
    track.place(0, 160, 0);
    expect(track.place(5e12, 160, 40)).toBe(20);
    expect(track.place(1_061, 160, 60)).toBe(40);
    expect(track.rejected).toBe(2);
    expect(track.place(60, 160, 80)).toBe(60);
  });
});
