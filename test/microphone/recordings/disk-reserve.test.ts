import { expect, test } from 'vitest';
import { DiskReserve } from '../../../src/microphone/recordings/disk-reserve.ts';

const MB = 1_000_000;

test('recordings leave the reserve for calls; uploads that still arrive count', async () => {
  let freeBytes = 1_500 * MB;
  const reserve = new DiskReserve({
    reserveBytes: 1_000 * MB,
    space: () => Promise.resolve({ freeBytes, totalBytes: 9_000 * MB }),
  });
  expect(await reserve.refusal(500 * MB)).toBeUndefined();
  expect(await reserve.refusal(500 * MB + 1)).toMatch(/1,500 MB are free, and 1,000 MB are kept for calls/);
  const arrived = reserve.promise(400 * MB);
  expect(await reserve.refusal(200 * MB)).toBeDefined();
  arrived();
  arrived();
  expect(await reserve.refusal(500 * MB)).toBeUndefined();
  freeBytes = 999 * MB;
  expect(await reserve.refusal(0)).toBeDefined();
});
