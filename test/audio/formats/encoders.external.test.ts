import { afterAll, describe, expect, it } from 'vitest';
import type { AudioFormat } from '../../../src/audio/formats/formats.ts';
import { interleaveStereo } from '../../../src/audio/mix.ts';
import { recordingsAreDecoded } from '../../suites/decoded-recordings.ts';
import { recordingsAreEncoded } from '../../suites/encoded-recordings.ts';
import { ENCODER_KINDS, SHORT_LENGTHS, voicesAt } from '../../suites/encoder-kinds.ts';
import { encodeAll, fileShelf, type Settings } from '../../support/encode-to-file.ts';
import { ffprobe } from '../../support/ffprobe.ts';
import { runTool } from '../../support/run-tool.ts';
import {
  type Decoder,
  ffmpegDecode,
  flacDecode,
  lameDecode,
  oggdecDecode,
  soxDecode,
} from '../../support/tool-decoders.ts';

const DECODERS: Readonly<Record<AudioFormat, readonly Decoder[]>> = {
  mp3: [ffmpegDecode, lameDecode],
  ogg: [ffmpegDecode, oggdecDecode, soxDecode],
  wav: [ffmpegDecode, soxDecode],
  flac: [ffmpegDecode, flacDecode, soxDecode],
};
/** ffmpeg does not cut within the first Vorbis block or the first 50 MP3 samples, in native files neither. */
const FFMPEG_KEEPS: Readonly<Record<AudioFormat, number>> = { mp3: 50, ogg: 256, wav: 0, flac: 0 };
/** The number of samples according to a decoder that accepts none. FLAC cannot distinguish 0 from unknown. */
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

recordingsAreDecoded({
  kinds: ENCODER_KINDS,
  decodersOf: ({ format }) => DECODERS[format],
  keepsUpTo: (decode, { format }) => (decode === ffmpegDecode ? FFMPEG_KEEPS[format] : 0),
});

recordingsAreEncoded(ENCODER_KINDS);

describe.each(ENCODER_KINDS)('A recording as $name', ({ format, codec, settings: ofKind }) => {
  const rateHz = ofKind.sampleRateHz;
  const { left, right } = voicesAt(rateHz);

  describe.each([1, 2] as const)('of %i channels', (channels) => {
    const settings: Settings = { ...ofKind, channels };
    const pcm = channels === 1 ? left : interleaveStereo(left, right);
    const put = async (sound: Int16Array, name: string): Promise<string> =>
      shelf.put(`${name}-${channels}.${format}`, (await encodeAll(format, settings, sound)).bytes);

    it('has its codec, rate, channels and exact duration according to ffprobe', async () => {
      const probe = ffprobe(await put(pcm, 'probe'));
      expect(probe).toMatchObject({ codec, sampleRateHz: rateHz, channels });
      // MP3's own duration counts whole frames; players take it from there.
      const slackS = format === 'mp3' ? 1_105 / rateHz + 0.08 : 1e-6;
      expect(Math.abs(probe.durationS! - left.length / rateHz)).toBeLessThanOrEqual(slackS);
    });

    it.each(SHORT_LENGTHS)('is valid at a length of %i according to ffprobe', async (frames) => {
      const short = pcm.subarray(rateHz * channels, (rateHz + frames) * channels);
      expect(ffprobe(await put(short, `probe-${frames}`))).toMatchObject({
        codec,
        sampleRateHz: rateHz,
        channels,
      });
    });

    it('is a valid file without any audio', async () => {
      const file = await put(pcm.subarray(0, 0), 'empty');
      expect(ffprobe(file)).toMatchObject({ codec, sampleRateHz: rateHz, channels });
      expect(READS_EMPTY[format](file)).toBe(0);
    });
  });
});
