import { describe, expect, it } from 'vitest';
import { AUDIO_FORMATS, describeFormat, isAudioFormat } from '../../../src/audio/formats/formats.ts';

describe('The list of formats', () => {
  it('describes each of its formats', () => {
    expect(AUDIO_FORMATS).toEqual(['mp3', 'wav', 'ogg', 'flac']);
    for (const format of AUDIO_FORMATS) {
      const { name, extension, contentType, description } = describeFormat(format);
      expect([name, extension]).toEqual([format, format]);
      expect(contentType).toMatch(/^audio\//);
      expect(description.length).toBeGreaterThan(10);
    }
  });

  it('distinguishes its formats from other values', () => {
    expect(AUDIO_FORMATS.every(isAudioFormat)).toBe(true);
    for (const other of ['MP3', 'aac', '', undefined, 3, ['mp3']]) expect(isAudioFormat(other)).toBe(false);
  });
});
