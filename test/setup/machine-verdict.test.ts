import { expect, test } from 'vitest';
import { whyTooBusy } from './machine-verdict.ts';

test('a machine that gives a process its processor is not too busy', () => {
  expect(whyTooBusy({ elapsedMs: 10_000, waitedMs: 120 })).toBeUndefined();
  expect(whyTooBusy({ elapsedMs: 0, waitedMs: 0 })).toBeUndefined();
});

test('a machine that makes a process wait is too busy, and the sentence has the figures', () => {
  expect(whyTooBusy({ elapsedMs: 10_000, waitedMs: 2_500 })).toBe(
    'the machine was too busy: this process waited 2500 of 10000 ms for a processor',
  );
});
