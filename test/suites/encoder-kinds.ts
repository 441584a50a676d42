import type { AudioFormat } from '../../src/audio/formats/formats.ts';
import type { Settings } from '../support/encode-to-file.ts';
import { speechLike } from '../support/speech-like.ts';

export interface EncoderKind {
  readonly name: string;
  readonly format: AudioFormat;
  readonly settings: Omit<Settings, 'channels'>;
  /** ffprobe's name. */
  readonly codec: string;
  /** dB for 300–1,000, 1,000–2,000 and 2,000–3,400 Hz; Infinity is "every sample". */
  readonly leastSnrDb: readonly [number, number, number];
}

const LOSSLESS = [Infinity, Infinity, Infinity] as const;
const mp3 = (sampleRateHz: number, mp3Bitrate: number, mp3Engine: 'wasm' | 'lamejs'): EncoderKind => ({
  name: `mp3 (${mp3Engine}, ${sampleRateHz} Hz, ${mp3Bitrate}k)`,
  format: 'mp3',
  settings: { sampleRateHz, mp3Bitrate, mp3Engine },
  codec: 'mp3',
  leastSnrDb: [25, 20, 14],
});

/** Every format, engine and usual rate that a recording can have. */
export const ENCODER_KINDS: readonly EncoderKind[] = [
  {
    name: 'wav',
    format: 'wav',
    settings: { sampleRateHz: 8_000 },
    codec: 'pcm_s16le',
    leastSnrDb: LOSSLESS,
  },
  { name: 'flac', format: 'flac', settings: { sampleRateHz: 8_000 }, codec: 'flac', leastSnrDb: LOSSLESS },
  { name: 'ogg', format: 'ogg', settings: { sampleRateHz: 8_000 }, codec: 'vorbis', leastSnrDb: [10, 10, 8] },
  mp3(16_000, 128, 'wasm'),
  mp3(16_000, 128, 'lamejs'),
  mp3(24_000, 160, 'wasm'),
  mp3(24_000, 160, 'lamejs'),
  mp3(32_000, 192, 'wasm'),
  mp3(32_000, 192, 'lamejs'),
  mp3(48_000, 192, 'wasm'),
  mp3(48_000, 192, 'lamejs'),
];

/** One of each format and MP3 engine. */
export const MAIN_ENCODER_KINDS: readonly EncoderKind[] = ENCODER_KINDS.filter(
  ({ settings }) => settings.sampleRateHz <= 16_000,
);

/** Lengths in samples around the block sizes of the codecs. */
export const SHORT_LENGTHS = [1, 100, 257, 1_152, 5_000] as const;

const SOUND_S = 2.1;
const voices = new Map<number, Voices>();

export interface Voices {
  readonly left: Int16Array;
  readonly right: Int16Array;
}

/** Two voices of equal length, one for each channel. */
export function voicesAt(rateHz: number): Voices {
  const known = voices.get(rateHz);
  if (known) return known;
  const made = { left: speechLike(SOUND_S, rateHz, 1), right: speechLike(SOUND_S, rateHz, 2) };
  voices.set(rateHz, made);
  return made;
}
