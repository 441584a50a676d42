import { describe, expect, it } from 'vitest';
import { createEncoder } from '../../../src/audio/formats/encoder.ts';
import { recordingsAreDecoded } from '../../suites/decoded-recordings.ts';
import { recordingsAreEncoded } from '../../suites/encoded-recordings.ts';
import { MAIN_ENCODER_KINDS } from '../../suites/encoder-kinds.ts';
import { decodeSamples } from '../../support/npm-decoders.ts';

// The external tests encode and decode every kind.
recordingsAreDecoded({ kinds: MAIN_ENCODER_KINDS, decodersOf: () => [decodeSamples], keepsUpTo: () => 0 });

recordingsAreEncoded(MAIN_ENCODER_KINDS);

describe('createEncoder', () => {
  const settings = {
    sampleRateHz: 8_000,
    channels: 1,
    totalFrames: 1,
    mp3Bitrate: 64,
    mp3Engine: 'wasm',
  } as const;

  it.each([{ totalFrames: -1 }, { totalFrames: 0.5 }, { sampleRateHz: 0 }, { sampleRateHz: 8_000.5 }])(
    'refuses %o',
    async (wrong) => {
      await expect(createEncoder('wav', { ...settings, ...wrong })).rejects.toThrow(RangeError);
    },
  );

  it('refuses a WAV of more than 4 GB and names an alternative', async () => {
    await expect(createEncoder('wav', { ...settings, totalFrames: 2 ** 31 })).rejects.toThrow('flac');
  });
});
