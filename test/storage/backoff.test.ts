import { expect, it } from 'vitest';
import { Backoff } from '../../src/storage/backoff.ts';

it('doubles the pause up to the longest one, and restarts after a success', () => {
  const backoff = new Backoff(5, 30);
  expect(Array.from({ length: 5 }, () => backoff.next())).toEqual([5, 10, 20, 30, 30]);
  backoff.reset();
  expect(backoff.next()).toBe(5);
});
