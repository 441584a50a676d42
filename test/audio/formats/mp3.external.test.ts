import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { crc16 } from '../../../src/audio/formats/crc16.ts';
import { writeWav } from '../../../src/audio/wav/wav.ts';
import { eachMp3IsExact } from '../../suites/mp3-bitrates.ts';
import { encodeAll, fileShelf } from '../../support/encode-to-file.ts';
import { ffprobe } from '../../support/ffprobe.ts';
import { readInfo } from '../../support/mp3-info.ts';
import { runTool } from '../../support/run-tool.ts';
import { speechLike } from '../../support/speech-like.ts';
import { ffmpegDecode, lameDecode } from '../../support/tool-decoders.ts';

const shelf = fileShelf();
afterAll(() => shelf.clear());

eachMp3IsExact([ffmpegDecode, lameDecode], (file, expected) =>
  expect(ffprobe(file)).toMatchObject({ codec: 'mp3', ...expected }),
);

describe('The Info frame', () => {
  const pcm = speechLike(2, 16_000);

  it('has the same checksums as the lame program', () => {
    const wav = shelf.put('native.wav', writeWav(pcm, 16_000));
    runTool('lame', ['--quiet', '-b', '64', wav, `${wav}.mp3`]);
    const native = readFileSync(`${wav}.mp3`);
    const info = readInfo(native);
    expect(info.encoder).toBe('LAME3.100');
    expect(crc16(native.subarray(0, info.tagEnd - 2))).toBe(info.tagCrc);
    expect(crc16(native.subarray(288))).toBe(info.musicCrc);
  });

  it.each(['wasm', 'lamejs'] as const)(
    'has the same content as the lame program for the same audio (%s)',
    async (mp3Engine) => {
      const wav = shelf.put('same.wav', writeWav(pcm, 16_000));
      runTool('lame', ['--quiet', '-b', '64', wav, `${wav}.mp3`]);
      const native = readInfo(readFileSync(`${wav}.mp3`));
      const { bytes } = await encodeAll(
        'mp3',
        { sampleRateHz: 16_000, channels: 1, mp3Bitrate: 64, mp3Engine },
        pcm,
      );
      const ours = readInfo(bytes);
      const { frames, bytes: size, method, delay, padding, musicBytes } = native;
      expect(ours).toMatchObject({ frames, bytes: size, method, delay, padding, musicBytes });
      expect(ours.encoder).toMatch(/^LAME3\./);
      expect(crc16(bytes.subarray(0, ours.tagEnd - 2))).toBe(ours.tagCrc);
      expect(crc16(bytes.subarray(288))).toBe(ours.musicCrc);
      // A frame is 4.4 of the 256 steps here; whether its beginning or its end is meant, implementations differ.
      ours.seek.forEach((place, percent) =>
        expect(Math.abs(place - native.seek[percent]!)).toBeLessThanOrEqual(6),
      );
    },
  );
});
