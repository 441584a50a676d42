import { afterAll, describe, expect, it } from 'vitest';
import { createEncoder } from '../../../src/audio/formats/encoder.ts';
import { interleaveStereo } from '../../../src/audio/mix.ts';
import { recordingsAreDecoded } from '../../suites/decoded-recordings.ts';
import { ENCODER_KINDS, MAIN_ENCODER_KINDS, voicesAt } from '../../suites/encoder-kinds.ts';
import { encodeAll, fileShelf, type Settings } from '../../support/encode-to-file.ts';
import { decodeSamples, decodeSound } from '../../support/npm-decoders.ts';

const shelf = fileShelf();
afterAll(() => shelf.clear());

// The external tests decode every kind.
recordingsAreDecoded({ kinds: MAIN_ENCODER_KINDS, decodersOf: () => [decodeSamples], keepsUpTo: () => 0 });

describe.each(ENCODER_KINDS)('A recording as $name', ({ format, settings: ofKind }) => {
  const rateHz = ofKind.sampleRateHz;
  const { left, right } = voicesAt(rateHz);

  describe.each([1, 2] as const)('of %i channels', (channels) => {
    const settings: Settings = { ...ofKind, channels };
    const pcm = channels === 1 ? left : interleaveStereo(left, right);

    it('has its rate and channels', async () => {
      const file = shelf.put(`probe.${format}`, (await encodeAll(format, settings, pcm)).bytes);
      const sound = await decodeSound(file);
      expect([sound.sampleRateHz, sound.channels.length]).toEqual([rateHz, channels]);
    });

    it('has the same bytes however the input is split', async () => {
      const atOnce = await encodeAll(format, settings, pcm);
      for (const frames of [160, 777, 4_608]) {
        const pieces = await encodeAll(format, settings, pcm, frames * channels);
        expect(pieces.bytes.equals(atOnce.bytes), `${frames} frames a piece`).toBe(true);
      }
    });

    it('is a valid file without any audio', async () => {
      const file = shelf.put(`empty.${format}`, (await encodeAll(format, settings, new Int16Array(0))).bytes);
      expect((await decodeSamples(file)).length).toBe(0);
    });

    it('refuses a recording of another length than announced', async () => {
      const totalFrames = left.length + 1;
      await expect(encodeAll(format, { ...settings, totalFrames }, pcm)).rejects.toThrow(
        `not ${totalFrames}`,
      );
    });
  });
});

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
