import { expect, test } from 'vitest';
import { whyTooBusy } from './machine-verdict.ts';

test('a machine on which a process gets its processor is not too busy', () => {
  expect(whyTooBusy({ elapsedMs: 10_000, waitedMs: 120 })).toBeUndefined();
  expect(whyTooBusy({ elapsedMs: 0, waitedMs: 0 })).toBeUndefined();
});

test('a machine on which a process has to wait is too busy, and the message has the figures', () => {
  expect(whyTooBusy({ elapsedMs: 10_000, waitedMs: 2_500 })).toBe(
    'the machine was too busy: this process waited 2500 of 10000 ms for a processor',
  );
});
