import { describe, expect, it } from 'vitest';
import { playableWav } from '../../../src/audio/wav/playable-wav.ts';
import { writeWav } from '../../../src/audio/wav/wav.ts';

const sound = writeWav(new Int16Array(8_000), 8_000);
const TAG = 20;
const CHANNELS = 22;
const RATE = 24;
const BYTE_RATE = 28;
const FRAME_BYTES = 32;
const BITS = 34;

/** A second at 8 kHz whose header says something else at some places. */
function altered(...changes: readonly (readonly [at: number, bytes: 2 | 4, value: number])[]): Uint8Array {
  const file = sound.slice();
  const view = new DataView(file.buffer);
  for (const [at, bytes, value] of changes)
    if (bytes === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
  return file;
}

/** WAVE_FORMAT_EXTENSIBLE, whose sub-format begins with the number of the true one. */
function extensible(tag: number): Uint8Array {
  const file = new Uint8Array(sound.length + 24);
  file.set(sound.subarray(0, 36));
  file.set(sound.subarray(36), 60);
  const view = new DataView(file.buffer);
  view.setUint32(16, 40, true);
  view.setUint16(TAG, 0xfffe, true);
  view.setUint16(44, tag, true);
  return file;
}

const look = (file: Uint8Array) => playableWav(file, file.length);

describe('a WAV file', () => {
  it('is accepted if players can play it', () => {
    expect(look(sound)).toEqual({ durationMs: 1_000 });
    expect(look(extensible(1))).toEqual({ durationMs: 1_000 });
    expect(look(altered([CHANNELS, 2, 2], [BYTE_RATE, 4, 32_000], [FRAME_BYTES, 2, 4]))).toEqual({
      durationMs: 500,
    });
    const float = altered([TAG, 2, 3], [BITS, 2, 32], [BYTE_RATE, 4, 32_000], [FRAME_BYTES, 2, 4]);
    expect(look(float)).toEqual({ durationMs: 500 });
    expect(playableWav(sound, 44 + 8_000)).toEqual({ durationMs: 500 });
  });

  it.each([
    ['MP3 in it', altered([TAG, 2, 0x55]), 'format 85'],
    ['an extensible header with MP3 in it', extensible(0x55), 'format 85'],
    ['no channels', altered([CHANNELS, 2, 0]), '0 channels'],
    ['too many channels', altered([CHANNELS, 2, 9]), '1 to 8'],
    ['no bits', altered([BITS, 2, 0]), 'samples of 0 bits; 8, 16, 24, 32'],
    ['a rate that is none', altered([RATE, 4, 1]), '1 samples per second'],
    ['blocks of another size', altered([FRAME_BYTES, 2, 1]), 'contradicts itself'],
    ['no samples', sound.slice(0, 44), 'not one sample'],
    ['half a sample', sound.slice(0, 45), 'not one sample'],
    ['no data chunk', sound.slice(0, 36), 'data'],
    ['nothing', new Uint8Array(0), 'no WAV file'],
  ])('is refused with %s', (_what, file, told) => {
    expect(look(file)).toContain(told);
  });
});
