import type { Encoder, EncoderSettings } from './encoder-contract.ts';
import type { AudioFormat } from './formats.ts';

export type { Encoder, EncoderSettings } from './encoder-contract.ts';

/** Each format's code is loaded on first use. */
const OPENERS: Readonly<Record<AudioFormat, (settings: EncoderSettings) => Promise<Encoder>>> = {
  mp3: async (settings) => (await import('./mp3-encoder.ts')).openMp3Encoder(settings),
  wav: async (settings) => new (await import('./wav-encoder.ts')).WavEncoder(settings),
  ogg: async (settings) => (await import('./ogg-encoder.ts')).openOggEncoder(settings),
  flac: async (settings) => (await import('./flac-encoder.ts')).openFlacEncoder(settings),
};

/** Creates an encoder for one file. Throws a RangeError for settings that the format does not support. */
export async function createEncoder(format: AudioFormat, settings: EncoderSettings): Promise<Encoder> {
  const { sampleRateHz, channels, totalFrames = 0 } = settings;
  if (!Number.isSafeInteger(totalFrames) || totalFrames < 0) {
    throw new RangeError(`${totalFrames} is not a valid number of frames`);
  }
  if (!Number.isInteger(sampleRateHz) || sampleRateHz < 1) {
    throw new RangeError(`${sampleRateHz} Hz is not a valid sample rate`);
  }
  if (![1, 2].includes(channels)) throw new RangeError(`${String(channels)} channels are not supported`);
  return OPENERS[format](settings);
}
