import { expect } from 'vitest';
import { eachMp3IsExact } from '../../suites/mp3-bitrates.ts';
import { decodeSamples, decodeSound } from '../../support/npm-decoders.ts';

// Not a unit test for its length: two engines, two channel counts and every bitrate.
eachMp3IsExact([decodeSamples], async (file, { sampleRateHz, channels }) => {
  const sound = await decodeSound(file);
  expect([sound.sampleRateHz, sound.channels.length]).toEqual([sampleRateHz, channels]);
});
