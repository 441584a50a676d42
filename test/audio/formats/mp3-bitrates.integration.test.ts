import { expect } from 'vitest';
import { eachMp3IsExact } from '../../suites/mp3-bitrates.ts';
import { decodeSamples, decodeSound } from '../../support/npm-decoders.ts';

/** A sample of the engines, channel counts and bitrates; the external tests have all of them. */
const ONE_OF = 4;

eachMp3IsExact(
  [decodeSamples],
  async (file, { sampleRateHz, channels }) => {
    const sound = await decodeSound(file);
    expect([sound.sampleRateHz, sound.channels.length]).toEqual([sampleRateHz, channels]);
  },
  ONE_OF,
);
