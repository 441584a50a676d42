import { afterAll, describe, expect, it } from 'vitest';
import { interleaveStereo } from '../../../src/audio/mix.ts';
import { UnreadableAudio } from '../../../src/audio/unreadable-audio.ts';
import { readWav, writeWav } from '../../../src/audio/wav/wav.ts';
import { fileShelf } from '../../support/encode-to-file.ts';
import { decodeSound } from '../../support/npm-decoders.ts';
import { speechLike } from '../../support/speech-like.ts';

const shelf = fileShelf();
afterAll(() => shelf.clear());
const speech = speechLike(0.5, 8_000);

describe('writeWav', () => {
  it('writes a file that another reader reads sample by sample', async () => {
    const mono = shelf.put('mono.wav', writeWav(speech, 8_000));
    expect(await decodeSound(mono)).toEqual({ sampleRateHz: 8_000, channels: [speech] });
    const back = speech.toReversed();
    const stereo = shelf.put('stereo.wav', writeWav(interleaveStereo(speech, back), 16_000, 2));
    expect(await decodeSound(stereo)).toEqual({ sampleRateHz: 16_000, channels: [speech, back] });
  });

  it('writes a valid file without audio', async () => {
    const empty = writeWav(new Int16Array(0), 8_000);
    expect((await decodeSound(shelf.put('empty.wav', empty))).channels).toEqual([new Int16Array(0)]);
    expect(readWav(empty).pcm).toEqual([new Int16Array(0)]);
  });
});

describe('readWav', () => {
  it('separates the channels', () => {
    const back = speech.toReversed();
    expect(readWav(writeWav(interleaveStereo(speech, back), 8_000, 2)).pcm).toEqual([speech, back]);
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['a few bytes', Uint8Array.of(1, 2, 3)],
    ['text', Buffer.from('<!doctype html><title>Not a sound</title>'.repeat(5))],
    ['an MP3 frame', Buffer.alloc(500, 0xff)],
    ['a header alone', writeWav(speech, 8_000).subarray(0, 30)],
    ['a header without data', writeWav(speech, 8_000).subarray(0, 36)],
    ['IMA ADPCM of an odd kind', Buffer.concat([writeWav(speech, 8_000)]).fill(0x55, 20, 22)],
  ])('refuses %s with a clear error', (_, bytes) => {
    expect(() => readWav(bytes)).toThrow(UnreadableAudio);
  });

  it('throws no other error, whatever header byte is wrong', () => {
    const good = writeWav(speech.subarray(0, 50), 8_000);
    let refused = 0;
    for (let at = 0; at < 44; at++) {
      for (const value of [0, 1, 2, 7, 0x7f, 0xff]) {
        const bad = good.slice();
        bad[at] = value;
        try {
          expect(readWav(bad).pcm.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableAudio);
          refused++;
        }
      }
    }
    expect(refused).toBeGreaterThan(20);
  });
});
