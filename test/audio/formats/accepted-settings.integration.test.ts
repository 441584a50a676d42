import { describe, expect, it } from 'vitest';
import { AUDIO_FORMATS } from '../../../src/audio/formats/formats.ts';
import { MP3_BITRATES } from '../../../src/audio/formats/mp3-bitrates.ts';
import { readSettings } from '../../../src/settings/settings.ts';
import { encodeAll } from '../../support/encode-to-file.ts';
import { speechLike } from '../../support/speech-like.ts';

function isAccepted(rate: string, kbps: number): boolean {
  const env = { RECORDING_SAMPLE_RATE: rate, MP3_BITRATE: `${kbps}k` };
  return readSettings(env, { dotEnv: {}, audioConfig: {} }, '/srv/offhook').ok;
}

describe('Every accepted combination of rate and bitrate', () => {
  const rates = ['8000', '16000', '24000', '32000', '44100', '48000'];
  const accepted = rates.flatMap((rate) =>
    MP3_BITRATES.filter((kbps) => isAccepted(rate, kbps)).map((mp3Bitrate) => ({
      sampleRateHz: Number(rate),
      mp3Bitrate,
    })),
  );

  it('is accepted at each of the rates', () => {
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
