import { afterAll, describe, expect, it } from 'vitest';
import { autoMp3RateHz, MP3_BITRATES, MP3_RATES_HZ } from '../../src/audio/formats/mp3-bitrates.ts';
import { loudnessDbfs } from '../../src/audio/loudness.ts';
import { encodeAll, fileShelf } from '../support/encode-to-file.ts';
import { readInfo } from '../support/mp3-info.ts';
import { speechLike } from '../support/speech-like.ts';
import { bestShift } from '../support/tones.ts';
import type { JudgingDecoder } from './decoded-recordings.ts';

/** Below these bitrates lamejs lowers the sample rate, so the bitrate is raised. Mono, stereo. */
const LEAST_LAMEJS_KBPS: Readonly<Record<number, readonly [number, number]>> = {
  16_000: [16, 32],
  24_000: [40, 56],
  32_000: [48, 80],
  44_100: [64, 112],
  48_000: [64, 128],
};

/** wasm-media-encoders lacks two bitrates; lamejs encodes those. */
function isLamejs(mp3Engine: string, kbps: number): boolean {
  return mp3Engine === 'lamejs' || [56, 144].includes(kbps);
}

/**
 * MP3s of every engine, bitrate and channel count are exact and in place, judged by `decoders` and `probe`; of one combination in
 * `oneOf`, if it is given.
 */
export function eachMp3IsExact(
  decoders: readonly JudgingDecoder[],
  probe: (file: string, expected: { sampleRateHz: number; channels: number }) => unknown,
  oneOf = 1,
): void {
  const shelf = fileShelf();
  afterAll(() => shelf.clear());

  describe('An MP3 at each bitrate', () => {
    const sounds = new Map(MP3_RATES_HZ.map((rateHz) => [rateHz, speechLike(0.8, rateHz)]));
    const rates = [
      ...MP3_BITRATES.map((kbps) => ({ kbps, sampleRateHz: autoMp3RateHz(kbps) })),
      ...[24_000, 44_100, 48_000].flatMap((sampleRateHz) =>
        [32, 56, 64, 128, 160].map((kbps) => ({ kbps, sampleRateHz })),
      ),
    ];
    const combinations = (['wasm', 'lamejs'] as const).flatMap((mp3Engine) =>
      ([1, 2] as const).flatMap((channels) => rates.map((rate) => ({ mp3Engine, channels, ...rate }))),
    );

    it.each(combinations.filter((_, index) => index % oneOf === 0))(
      'is exact and in place: $mp3Engine, $channels channels, $sampleRateHz Hz, $kbps kbit/s',
      async (one) => {
        const { mp3Engine, channels, kbps, sampleRateHz } = one;
        const sound = sounds.get(sampleRateHz)!;
        const pcm = channels === 1 ? sound : new Int16Array(2 * sound.length).map((_, i) => sound[i >> 1]!);
        const settings = { sampleRateHz, channels, mp3Bitrate: kbps, mp3Engine };
        const { bytes, actualBitrateKbps } = await encodeAll('mp3', settings, pcm);
        const file = shelf.put('one.mp3', bytes);

        const least = isLamejs(mp3Engine, kbps) ? LEAST_LAMEJS_KBPS[sampleRateHz]![channels - 1]! : 8;
        expect(actualBitrateKbps).toBe(Math.max(kbps, least));
        await probe(file, { sampleRateHz, channels });

        const info = readInfo(bytes);
        const frameBytes = (actualBitrateKbps! * 125 * (sampleRateHz < 32_000 ? 576 : 1_152)) / sampleRateHz;
        // At 44,100 Hz padding keeps the sum of the frames within a byte of the average.
        const frameSum = info.frames * frameBytes;
        const infoBytes = [Math.floor(frameSum), Math.ceil(frameSum)]
          .map((sum) => bytes.length - sum)
          .find((at) => bytes.readUInt16BE(at) === bytes.readUInt16BE(0))!;
        expect(infoBytes).toBeGreaterThanOrEqual(info.tagEnd);
        expect(info.bytes).toBe(bytes.length);
        // The sound's first frame begins where the Info frame ends, with the same version, layer, rate and channels.
        expect(bytes.readUInt16BE(infoBytes)).toBe(bytes.readUInt16BE(0));
        expect(bytes[infoBytes + 2]! & 0x0d).toBe(bytes[2]! & 0x0d);
        expect(bytes[infoBytes + 3]! >> 6).toBe(bytes[3]! >> 6);

        for (const decode of decoders) {
          const decoded = await decode(file);
          expect(decoded.length, decode.name).toBe(pcm.length);
          const mono = decoded.filter((_, i) => i % channels === 0).subarray(8_000, 12_000);
          // Below 64 kbit/s LAME leaves the upper part of the band away.
          const level = loudnessDbfs(decoded) - loudnessDbfs(pcm);
          if (kbps >= 64) expect(Math.abs(level), 'dB louder').toBeLessThan(0.15);
          expect(bestShift(sound.subarray(8_000, 12_000), mono, 100), decode.name).toBe(0);
        }
      },
    );
  });
}
