import { expect, it } from 'vitest';
import { LookInterval } from '../../src/records/look-interval.ts';

it('looks at every tick for a second after a change, and then ever more rarely, at least every four seconds', () => {
  const interval = new LookInterval(0);
  const looked: number[] = [];
  for (let atMs = 250; atMs <= 22_000; atMs += 250) {
    if (!interval.looks(atMs)) continue;
    looked.push(atMs);
    if (atMs === 500 || atMs === 2_500) interval.changed(atMs);
  }
  expect(looked).toEqual([
    ...[250, 500, 750, 1_000, 1_250, 1_500],
    ...[2_500, 2_750, 3_000, 3_250, 3_500],
    ...[4_500, 6_500, 10_500, 14_500, 18_500],
  ]);
  expect(interval.quietMs(22_000)).toBe(19_500);
});

it('looks again at once after a change that something else reports', () => {
  const interval = new LookInterval(0);
  expect(interval.looks(5_000)).toBe(true);
  expect(interval.looks(5_250)).toBe(false);
  interval.changed(5_300);
  expect(interval.looks(5_350)).toBe(true);
});
