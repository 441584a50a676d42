import { describe, expect, test } from 'vitest';
import { LineClock } from '../../../../src/openai/realtime/conversation/line-clock.ts';

describe('LineClock', () => {
  test('begins where the line begins, and counts what was appended', () => {
    const clock = new LineClock();
    expect(clock.endMs).toBe(0);
    expect(clock.gapBefore(5_000)).toBe(0);
    clock.appended(20);
    expect(clock.endMs).toBe(5_020);
    expect(clock.callMs(10)).toBe(5_010);
  });

  test('fills gaps, and skips what is longer than 4 s', () => {
    const clock = new LineClock();
    clock.gapBefore(1_000);
    clock.appended(100);
    expect(clock.gapBefore(1_100.5)).toBe(0);
    expect(clock.gapBefore(1_300)).toBe(200);
    clock.appended(100);
    expect(clock.gapBefore(61_400)).toBe(4_000);
    clock.appended(100);
    expect(clock.endMs).toBe(61_500);
    expect(clock.callMs(350)).toBe(1_350);
    expect(clock.callMs(4_399)).toBe(5_399);
    expect(clock.callMs(4_450)).toBe(61_450);
  });

  test('follows jumps, also back', () => {
    const clock = new LineClock();
    clock.gapBefore(0);
    clock.appended(1_000);
    clock.jumpTo(400);
    clock.appended(500);
    clock.jumpTo(1_000);
    expect(clock.callMs(1_250)).toBe(650);
    expect(clock.endMs).toBe(1_000);
    expect(clock.gapBefore(900)).toBe(0);
    expect(clock.endMs).toBe(900);
  });

  test('remembers the latest of very many gaps', () => {
    const clock = new LineClock();
    for (let at = 0; at < 1_000; at += 1) clock.jumpTo(at * 10);
    expect(clock.callMs(0)).toBe(9_990);
  });
});
