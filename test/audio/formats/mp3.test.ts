import { afterEach, describe, expect, it } from 'vitest';
import { createEncoder } from '../../../src/audio/formats/encoder.ts';
import { MP3_BITRATES, autoMp3RateHz } from '../../../src/audio/formats/mp3-bitrates.ts';
import { encodeAll } from '../../support/encode-to-file.ts';
import { speechLike } from '../../support/speech-like.ts';

describe('autoMp3RateHz', () => {
  it('is 16 kHz up to 160 kbit/s and 32 kHz above', () => {
    const rates = MP3_BITRATES.map((kbps) => [kbps, autoMp3RateHz(kbps)]);
    expect(rates.filter(([, rate]) => rate === 32_000).map(([kbps]) => kbps)).toEqual([192, 224, 256, 320]);
  });

  it.each([0, 7, 100, 321, 128.5, Number.NaN])('refuses %d kbit/s and names the accepted values', (kbps) => {
    expect(() => autoMp3RateHz(kbps)).toThrow(/8, 16, .* 320/);
  });
});

describe('MP3 without WebAssembly', () => {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: unknown };
  afterEach(() => Object.assign(globalThis, { WebAssembly }));

  it('is encoded by lamejs', async () => {
    const pcm = speechLike(0.5, 16_000);
    const settings = { sampleRateHz: 16_000, channels: 1, mp3Bitrate: 64 } as const;
    const expected = await encodeAll('mp3', { ...settings, mp3Engine: 'lamejs' }, pcm);
    Reflect.deleteProperty(globalThis, 'WebAssembly');
    const made = await encodeAll('mp3', { ...settings, mp3Engine: 'wasm' }, pcm);
    expect(made.bytes.equals(expected.bytes)).toBe(true);
  });
});

it('MP3 refuses unsupported bitrates and sample rates', async () => {
  const settings = {
    sampleRateHz: 16_000,
    channels: 1,
    totalFrames: 0,
    mp3Bitrate: 128,
    mp3Engine: 'wasm',
  } as const;
  await expect(createEncoder('mp3', { ...settings, mp3Bitrate: 100 })).rejects.toThrow('no bitrate of 100');
  await expect(createEncoder('mp3', { ...settings, sampleRateHz: 22_050 })).rejects.toThrow(
    '8000, 16000, 24000, 32000, 44100, 48000 Hz',
  );
});
