import { afterAll, describe, expect, it } from 'vitest';
import { interleaveStereo } from '../../src/audio/mix.ts';
import { encodeAll, fileShelf, type Settings } from '../support/encode-to-file.ts';
import { bandSnrDb } from '../support/spectrum.ts';
import { bestShift, correlation } from '../support/tones.ts';
import { type EncoderKind, SHORT_LENGTHS, voicesAt } from './encoder-kinds.ts';

/** Gives the interleaved samples of a sound file and throws on any complaint. */
export type JudgingDecoder = (file: string) => Int16Array | Promise<Int16Array>;

export interface Judges {
  readonly kinds: readonly EncoderKind[];
  /** Each must return every sample, from the first on. */
  readonly decodersOf: (kind: EncoderKind) => readonly JudgingDecoder[];
  /** Recordings up to this length are not decoded exactly by `decoder`, native files neither. */
  readonly keepsUpTo: (decoder: JudgingDecoder, kind: EncoderKind) => number;
}

const BANDS = [
  [300, 1_000],
  [1_000, 2_000],
  [2_000, 3_400],
] as const;

/** Decoders that are not ours read each kind of recording back: its length, channels, level and sound. */
export function recordingsAreDecoded({ kinds, decodersOf, keepsUpTo }: Judges): void {
  const shelf = fileShelf();
  afterAll(() => shelf.clear());

  describe.each(kinds)('A recording as $name', (kind) => {
    const { format } = kind;
    const rateHz = kind.settings.sampleRateHz;
    const { left, right } = voicesAt(rateHz);
    const decoders = decodersOf(kind);

    describe.each([1, 2] as const)('of %i channels', (channels) => {
      const settings: Settings = { ...kind.settings, channels };
      const pcm = channels === 1 ? left : interleaveStereo(left, right);
      const put = async (sound: Int16Array, name: string): Promise<string> =>
        shelf.put(`${name}-${channels}.${format}`, (await encodeAll(format, settings, sound)).bytes);

      it.each(decoders)('is complete, in place and in its channels (decoder %#)', async (decode) => {
        const decoded = await decode(await put(pcm, 'whole'));
        expect(decoded.length).toBe(pcm.length);
        [left, right].slice(0, channels).forEach((original, channel) => {
          const back = channelOf(decoded, channels, channel);
          sameSound(kind, original, back);
          if (channels === 1) return;
          const other = channel === 0 ? right : left;
          expect(Math.abs(correlation(original, back))).toBeGreaterThan(0.95);
          expect(Math.abs(correlation(other, back))).toBeLessThan(0.3);
        });
      });

      it.each(SHORT_LENGTHS)('has the exact length %i', async (frames) => {
        const short = pcm.subarray(rateHz * channels, (rateHz + frames) * channels);
        const file = await put(short, `short-${frames}`);
        for (const decode of decoders) {
          if (frames <= keepsUpTo(decode, kind)) continue;
          expect((await decode(file)).length, decode.name).toBe(short.length);
        }
      });

      it('keeps its level', async () => {
        const decoded = await decoders[0]!(await put(pcm, 'level'));
        // Vorbis of quality 3 removes a little of the noise.
        const slackDb = format === 'ogg' ? 0.4 : 0.1;
        expect(Math.abs(10 * Math.log10(energyOf(decoded) / energyOf(pcm)))).toBeLessThan(slackDb);
      });
    });
  });
}

function sameSound(kind: EncoderKind, original: Int16Array, back: Int16Array): void {
  const rateHz = kind.settings.sampleRateHz;
  // A part that is longer than the search finds the shift.
  const part = [rateHz, rateHz + 4_000] as const;
  expect(bestShift(original.subarray(...part), back.subarray(...part), 1_300)).toBe(0);
  BANDS.forEach((band, i) => {
    const least = kind.leastSnrDb[i]!;
    if (least === Infinity) return expect(back).toEqual(original);
    expect(bandSnrDb(original, back, rateHz, band), `${band.join('–')} Hz`).toBeGreaterThan(least);
  });
}

function channelOf(pcm: Int16Array, channels: number, channel: number): Int16Array {
  return pcm.filter((_, i) => i % channels === channel);
}

function energyOf(sound: Int16Array): number {
  return sound.reduce((sum, sample) => sum + sample ** 2, 0);
}
