import { afterAll, describe, expect, it } from 'vitest';
import { interleaveStereo } from '../../src/audio/mix.ts';
import { encodeAll, fileShelf, type Settings } from '../support/encode-to-file.ts';
import { decodeSamples, decodeSound } from '../support/npm-decoders.ts';
import { type EncoderKind, voicesAt } from './encoder-kinds.ts';

/** Files of every kind have what was announced, also without audio, and do not depend on how their input is split. */
export function recordingsAreEncoded(kinds: readonly EncoderKind[]): void {
  const shelf = fileShelf();
  afterAll(() => shelf.clear());

  describe.each(kinds)('A recording as $name', ({ format, settings: ofKind }) => {
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
        const file = shelf.put(
          `empty.${format}`,
          (await encodeAll(format, settings, new Int16Array(0))).bytes,
        );
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
}
