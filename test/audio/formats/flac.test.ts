import { expect, it } from 'vitest';
import { encodeAll } from '../../support/encode-to-file.ts';

it('FLAC encoding leaves the global fetch in place', async () => {
  await encodeAll('flac', { sampleRateHz: 8_000, channels: 1 }, new Int16Array(800));
  expect(globalThis.fetch).toBeTypeOf('function');
});
