/** All recording formats; settings, file names, pages and tests use this list. */
export const AUDIO_FORMATS = ['mp3', 'wav', 'ogg', 'flac'] as const;

export type AudioFormat = (typeof AUDIO_FORMATS)[number];

export interface FormatDescription {
  readonly name: AudioFormat;
  /** The file extension without the dot. */
  readonly extension: string;
  readonly contentType: string;
  readonly description: string;
}

const DESCRIPTIONS: Readonly<Record<AudioFormat, Omit<FormatDescription, 'name'>>> = {
  mp3: {
    extension: 'mp3',
    contentType: 'audio/mpeg',
    description: 'MP3 at a constant bitrate: small, plays everywhere',
  },
  wav: {
    extension: 'wav',
    contentType: 'audio/wav',
    description: 'WAV, 16-bit PCM: nothing lost, large, plays everywhere',
  },
  ogg: {
    extension: 'ogg',
    contentType: 'audio/ogg',
    description: 'Ogg Vorbis at quality 3: the smallest files',
  },
  flac: {
    extension: 'flac',
    contentType: 'audio/flac',
    description: 'FLAC: nothing lost, about a third of the size of WAV, with a checksum inside',
  },
};

export function describeFormat(format: AudioFormat): FormatDescription {
  return { name: format, ...DESCRIPTIONS[format] };
}

export function isAudioFormat(value: unknown): value is AudioFormat {
  return (AUDIO_FORMATS as readonly unknown[]).includes(value);
}
