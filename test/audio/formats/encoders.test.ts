import { afterAll, describe, expect, it } from 'vitest';
import { createEncoder } from '../../../src/audio/formats/encoder.ts';
import { AUDIO_FORMATS, type AudioFormat } from '../../../src/audio/formats/formats.ts';
import { MP3_BITRATES } from '../../../src/audio/formats/mp3-bitrates.ts';
import { interleaveStereo } from '../../../src/audio/mix.ts';
import { readSettings } from '../../../src/settings.ts';
import {
  type Decoder,
  ffmpegDecode,
  flacDecode,
  lameDecode,
  oggdecDecode,
  soxDecode,
} from '../../support/decoders.ts';
import { encodeAll, fileShelf, type Settings } from '../../support/encode-to-file.ts';
import { ffprobe } from '../../support/ffprobe.ts';
import { runTool } from '../../support/run-tool.ts';
import { bandSnrDb } from '../../support/spectrum.ts';
import { speechLike } from '../../support/speech-like.ts';
import { bestShift, correlation } from '../../support/tones.ts';

interface Kind {
  readonly name: string;
  readonly format: AudioFormat;
  readonly settings: Omit<Settings, 'channels'>;
  readonly codec: string;
  /** Each must return every sample, from the first on. */
  readonly decoders: readonly Decoder[];
  /** dB for 300–1,000, 1,000–2,000 and 2,000–3,400 Hz; Infinity is "every sample". */
  readonly leastSnrDb: readonly [number, number, number];
}

const LOSSLESS = [Infinity, Infinity, Infinity] as const;
const mp3 = (sampleRateHz: number, mp3Bitrate: number, mp3Engine: 'wasm' | 'lamejs'): Kind => ({
  name: `mp3 (${mp3Engine}, ${sampleRateHz} Hz, ${mp3Bitrate}k)`,
  format: 'mp3',
  settings: { sampleRateHz, mp3Bitrate, mp3Engine },
  codec: 'mp3',
  decoders: [ffmpegDecode, lameDecode],
  leastSnrDb: [25, 20, 14],
});
const KINDS: readonly Kind[] = [
  {
    name: 'wav',
    format: 'wav',
    settings: { sampleRateHz: 8_000 },
    codec: 'pcm_s16le',
    decoders: [ffmpegDecode, soxDecode],
    leastSnrDb: LOSSLESS,
  },
  {
    name: 'flac',
    format: 'flac',
    settings: { sampleRateHz: 8_000 },
    codec: 'flac',
    decoders: [flacDecode, ffmpegDecode, soxDecode],
    leastSnrDb: LOSSLESS,
  },
  {
    name: 'ogg',
    format: 'ogg',
    settings: { sampleRateHz: 8_000 },
    codec: 'vorbis',
    decoders: [oggdecDecode, ffmpegDecode, soxDecode],
    leastSnrDb: [10, 10, 8],
  },
  mp3(16_000, 128, 'wasm'),
  mp3(16_000, 128, 'lamejs'),
  mp3(24_000, 160, 'wasm'),
  mp3(24_000, 160, 'lamejs'),
  mp3(32_000, 192, 'wasm'),
  mp3(32_000, 192, 'lamejs'),
  mp3(48_000, 192, 'wasm'),
  mp3(48_000, 192, 'lamejs'),
];
const BANDS = [
  [300, 1_000],
  [1_000, 2_000],
  [2_000, 3_400],
] as const;

const FFMPEG_KEEPS: Readonly<Record<AudioFormat, number>> = { mp3: 50, ogg: 256, wav: 0, flac: 0 };
/** The number of samples in the eyes of a reader that accepts none. FLAC has no way to tell 0 from unknown. */
const READS_EMPTY: Readonly<Record<AudioFormat, (file: string) => number>> = {
  mp3: (file) => lameDecode(file).length,
  ogg: (file) => soxDecode(file).length,
  wav: (file) => soxDecode(file).length,
  flac: (file) =>
    runTool('flac', ['-d', '-c', '-s', '--force-raw-format', '--endian=little', '--sign=signed', file]).stdout
      .length,
};

const shelf = fileShelf();
afterAll(() => shelf.clear());

function isAccepted(rate: string, kbps: number): boolean {
  const env = { RECORDING_SAMPLE_RATE: rate, MP3_BITRATE: `${kbps}k` };
  return readSettings(env, { dotEnv: {}, audioConfig: {} }, '/srv/offhook').ok;
}

function channelOf(pcm: Int16Array, channels: number, channel: number): Int16Array {
  return pcm.filter((_, i) => i % channels === channel);
}

describe.each(KINDS)('A recording as $name', (kind) => {
  const { format, codec } = kind;
  const rateHz = kind.settings.sampleRateHz;
  const left = speechLike(3.1, rateHz, 1);
  const right = speechLike(3.1, rateHz, 2);

  describe.each([1, 2] as const)('of %i channels', (channels) => {
    const settings: Settings = { ...kind.settings, channels };
    const pcm = channels === 1 ? left : interleaveStereo(left, right);
    const put = async (sound: Int16Array, name: string): Promise<string> =>
      shelf.put(`${name}-${channels}.${format}`, (await encodeAll(format, settings, sound)).bytes);

    it('has its codec, rate, channels and exact duration in the eyes of ffprobe', async () => {
      const probe = ffprobe(await put(pcm, 'probe'));
      expect(probe).toMatchObject({ codec, sampleRateHz: rateHz, channels });
      // MP3's own duration counts whole frames; players take it from there.
      const slackS = format === 'mp3' ? 1_105 / rateHz + 0.08 : 1e-6;
      expect(Math.abs(probe.durationS! - left.length / rateHz)).toBeLessThanOrEqual(slackS);
    });

    it.each(kind.decoders)('comes back whole, in place and in its channels (decoder %#)', async (decode) => {
      const decoded = decode(await put(pcm, 'whole'));
      expect(decoded.length).toBe(pcm.length);
      [left, right].slice(0, channels).forEach((original, channel) => {
        const back = channelOf(decoded, channels, channel);
        // A part that is longer than the search finds the shift.
        const part = [rateHz, rateHz + 4_000] as const;
        expect(bestShift(original.subarray(...part), back.subarray(...part), 1_300)).toBe(0);
        BANDS.forEach((band, i) => {
          const snr = bandSnrDb(original, back, rateHz, band);
          if (kind.leastSnrDb[i] === Infinity) expect(back).toEqual(original);
          else expect(snr, `${band.join('–')} Hz`).toBeGreaterThan(kind.leastSnrDb[i]!);
        });
        if (channels === 2) {
          const other = channel === 0 ? right : left;
          expect(Math.abs(correlation(original, back))).toBeGreaterThan(0.95);
          expect(Math.abs(correlation(other, back))).toBeLessThan(0.3);
        }
      });
    });

    it('has the same bytes whatever pieces it comes in', async () => {
      const atOnce = await encodeAll(format, settings, pcm);
      for (const frames of [160, 777, 4_608]) {
        const pieces = await encodeAll(format, settings, pcm, frames * channels);
        expect(pieces.bytes.equals(atOnce.bytes), `${frames} frames a piece`).toBe(true);
      }
    });

    it.each([1, 100, 257, 1_152, 5_000])('is exact at a length of %i', async (frames) => {
      const short = pcm.subarray(rateHz * channels, (rateHz + frames) * channels);
      const file = await put(short, `short-${frames}`);
      expect(ffprobe(file)).toMatchObject({ codec, sampleRateHz: rateHz, channels });
      for (const decode of kind.decoders) {
        // ffmpeg does not cut within the first Vorbis block or the first 50 MP3 samples, in native files neither.
        if (decode === ffmpegDecode && frames <= FFMPEG_KEEPS[format]) continue;
        expect(decode(file).length, decode.name).toBe(short.length);
      }
    });

    it('is a valid file without any sound', async () => {
      const file = await put(pcm.subarray(0, 0), 'empty');
      expect(ffprobe(file)).toMatchObject({ codec, sampleRateHz: rateHz, channels });
      expect(READS_EMPTY[format](file)).toBe(0);
    });

    it('refuses a recording of another length than was announced', async () => {
      const totalFrames = left.length + 1;
      await expect(encodeAll(format, { ...settings, totalFrames }, pcm)).rejects.toThrow(
        `not ${totalFrames}`,
      );
    });

    it('keeps its level', async () => {
      const decoded = ffmpegDecode(await put(pcm, 'level'));
      const energy = (sound: Int16Array): number => sound.reduce((sum, sample) => sum + sample ** 2, 0);
      // Vorbis of quality 3 leaves a little of the noise away.
      const slackDb = format === 'ogg' ? 0.4 : 0.1;
      expect(Math.abs(10 * Math.log10(energy(decoded) / energy(pcm)))).toBeLessThan(slackDb);
    });
  });
});

describe('Every setting of rate and bitrate that is accepted', () => {
  const rates = [8, 16, 24, 32, 48].map((kHz) => String(kHz * 1_000));
  const accepted = rates.flatMap((rate) =>
    MP3_BITRATES.filter((kbps) => isAccepted(rate, kbps)).map((mp3Bitrate) => ({
      sampleRateHz: Number(rate),
      mp3Bitrate,
    })),
  );

  it('is accepted at each of the five rates', () => {
    expect(new Set(accepted.map((one) => String(one.sampleRateHz)))).toEqual(new Set(rates));
  });

  it.each(AUDIO_FORMATS)('can be written as %s, to which a live call may be changed', async (format) => {
    for (const one of accepted)
      for (const channels of [1, 2] as const)
        for (const mp3Engine of ['wasm', 'lamejs'] as const) {
          if (format !== 'mp3' && (mp3Engine === 'lamejs' || one.mp3Bitrate !== 64)) continue;
          const pcm = speechLike(0.02, one.sampleRateHz * channels);
          const { bytes } = await encodeAll(format, { ...one, channels, mp3Engine }, pcm);
          expect(bytes.length).toBeGreaterThan(0);
        }
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

  it('refuses a WAV of more than 4 GB and says what would do', async () => {
    await expect(createEncoder('wav', { ...settings, totalFrames: 2 ** 31 })).rejects.toThrow('flac');
  });
});
