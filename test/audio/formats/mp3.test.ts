import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { crc16 } from '../../../src/audio/formats/crc16.ts';
import { createEncoder } from '../../../src/audio/formats/encoder.ts';
import { autoMp3RateHz, MP3_BITRATES, MP3_RATES_HZ } from '../../../src/audio/formats/mp3-bitrates.ts';
import { loudnessDbfs } from '../../../src/audio/loudness.ts';
import { writeWav } from '../../../src/audio/wav.ts';
import { ffmpegDecode, lameDecode } from '../../support/decoders.ts';
import { encodeAll, fileShelf } from '../../support/encode-to-file.ts';
import { ffprobe } from '../../support/ffprobe.ts';
import { runTool } from '../../support/run-tool.ts';
import { speechLike } from '../../support/speech-like.ts';
import { bestShift } from '../../support/tones.ts';

const shelf = fileShelf();
afterAll(() => shelf.clear());

/** The fields of an Info frame, by their places in LAME's tag specification. */
function readInfo(mp3: Buffer) {
  const at = mp3.indexOf('Info');
  const lame = at + 120;
  const delays = mp3.readUIntBE(lame + 21, 3);
  return {
    frames: mp3.readUInt32BE(at + 8),
    bytes: mp3.readUInt32BE(at + 12),
    seek: [...mp3.subarray(at + 16, at + 116)],
    encoder: mp3.toString('latin1', lame, lame + 9),
    method: mp3[lame + 9],
    delay: delays >> 12,
    padding: delays & 0xfff,
    musicBytes: mp3.readUInt32BE(lame + 28),
    musicCrc: mp3.readUInt16BE(lame + 32),
    tagCrc: mp3.readUInt16BE(lame + 34),
    tagEnd: lame + 36,
  };
}

describe('An MP3 at each bitrate', () => {
  const sounds = new Map(MP3_RATES_HZ.map((rateHz) => [rateHz, speechLike(1.2, rateHz)]));
  const rates = [
    ...MP3_BITRATES.map((kbps) => ({ kbps, sampleRateHz: autoMp3RateHz(kbps) })),
    ...[24_000, 48_000].flatMap((sampleRateHz) =>
      [32, 56, 64, 128, 160].map((kbps) => ({ kbps, sampleRateHz })),
    ),
  ];
  const combinations = (['wasm', 'lamejs'] as const).flatMap((mp3Engine) =>
    ([1, 2] as const).flatMap((channels) => rates.map((rate) => ({ mp3Engine, channels, ...rate }))),
  );
  /** Below these lamejs lowers the sample rate, so we raise the bitrate. By channels. */
  const LEAST_LAMEJS_KBPS: Readonly<Record<number, readonly [number, number]>> = {
    16_000: [16, 32],
    24_000: [40, 56],
    32_000: [48, 80],
    48_000: [64, 128],
  };
  /** wasm-media-encoders has neither; lamejs takes its place. */
  const isLamejs = (mp3Engine: string, kbps: number): boolean =>
    mp3Engine === 'lamejs' || [56, 144].includes(kbps);

  it.each(combinations)(
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
      const probe = ffprobe(file);
      expect(probe).toMatchObject({ codec: 'mp3', sampleRateHz, channels });

      const info = readInfo(bytes);
      const frameBytes = (actualBitrateKbps! * 125 * (sampleRateHz < 32_000 ? 576 : 1_152)) / sampleRateHz;
      const infoBytes = bytes.length - info.frames * frameBytes;
      expect(infoBytes).toBeGreaterThanOrEqual(info.tagEnd);
      expect(info.bytes).toBe(bytes.length);
      // The sound's first frame begins where the Info frame ends, with the same version, layer, rate and channels.
      expect(bytes.readUInt16BE(infoBytes)).toBe(bytes.readUInt16BE(0));
      expect(bytes[infoBytes + 2]! & 0x0f).toBe(bytes[2]! & 0x0f);
      expect(bytes[infoBytes + 3]! >> 6).toBe(bytes[3]! >> 6);

      for (const decode of [ffmpegDecode, lameDecode]) {
        const decoded = decode(file);
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

describe('autoMp3RateHz', () => {
  it('is 16 kHz up to 160 kbit/s and 32 kHz above', () => {
    const rates = MP3_BITRATES.map((kbps) => [kbps, autoMp3RateHz(kbps)]);
    expect(rates.filter(([, rate]) => rate === 32_000).map(([kbps]) => kbps)).toEqual([192, 224, 256, 320]);
  });

  it.each([0, 7, 100, 321, 128.5, Number.NaN])('refuses %d kbit/s and names those there are', (kbps) => {
    expect(() => autoMp3RateHz(kbps)).toThrow(/8, 16, .* 320/);
  });
});

describe('The Info frame', () => {
  const pcm = speechLike(2, 16_000);

  it('has checksums of the kind the lame program writes', () => {
    const wav = shelf.put('native.wav', writeWav(pcm, 16_000));
    runTool('lame', ['--quiet', '-b', '64', wav, `${wav}.mp3`]);
    const native = readFileSync(`${wav}.mp3`);
    const info = readInfo(native);
    expect(info.encoder).toBe('LAME3.100');
    expect(crc16(native.subarray(0, info.tagEnd - 2))).toBe(info.tagCrc);
    expect(crc16(native.subarray(288))).toBe(info.musicCrc);
  });

  it.each(['wasm', 'lamejs'] as const)(
    'says what the lame program says of the same sound (%s)',
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

describe('MP3 without WebAssembly', () => {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: unknown };
  afterEach(() => Object.assign(globalThis, { WebAssembly }));

  it('is made by lamejs', async () => {
    const pcm = speechLike(0.5, 16_000);
    const settings = { sampleRateHz: 16_000, channels: 1, mp3Bitrate: 64 } as const;
    const expected = await encodeAll('mp3', { ...settings, mp3Engine: 'lamejs' }, pcm);
    Reflect.deleteProperty(globalThis, 'WebAssembly');
    const made = await encodeAll('mp3', { ...settings, mp3Engine: 'wasm' }, pcm);
    expect(made.bytes.equals(expected.bytes)).toBe(true);
  });
});

it('MP3 refuses bitrates and sample rates it does not have', async () => {
  const settings = {
    sampleRateHz: 16_000,
    channels: 1,
    totalFrames: 0,
    mp3Bitrate: 128,
    mp3Engine: 'wasm',
  } as const;
  await expect(createEncoder('mp3', { ...settings, mp3Bitrate: 100 })).rejects.toThrow('no bitrate of 100');
  await expect(createEncoder('mp3', { ...settings, sampleRateHz: 44_100 })).rejects.toThrow(
    '8000, 16000, 24000, 32000, 48000 Hz',
  );
});
