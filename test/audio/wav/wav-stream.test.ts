import fc from 'fast-check';
import wavefile from 'wavefile';
import { describe, expect, test } from 'vitest';
import type { PcmPiece } from '../../../src/audio/decoders/pcm-piece.ts';
import { WavStream } from '../../../src/audio/wav/wav-stream.ts';
import { writeWav } from '../../../src/audio/wav/wav.ts';
import { portions, PROPERTY_RUNS } from '../../support/portions.ts';

function decode(bytes: Uint8Array, cuts: readonly number[] = []): { pcm: number[]; rates: number[] } {
  const stream = new WavStream();
  const pieces = [...portions(bytes, cuts).flatMap((portion) => stream.read(portion)), ...stream.end()];
  return {
    pcm: pieces.flatMap(({ pcm }) => [...pcm]),
    rates: [...new Set(pieces.map(({ sampleRateHz }) => sampleRateHz))],
  };
}

const tone = (hz: number, samples: number, rateHz = 24_000): Int16Array =>
  Int16Array.from({ length: samples }, (_, n) => 6_000 * Math.sin((2 * Math.PI * hz * n) / rateHz));
const A = tone(440, 2_400);
const B = tone(660, 2_400);

/** The file with these values in its length fields: the file's and the samples'. */
function withLengths(wav: Uint8Array, riff: number, data: number): Buffer {
  const copy = Buffer.from(wav);
  copy.writeUInt32LE(riff, 4);
  copy.writeUInt32LE(data, 40);
  return copy;
}

function chunk(name: string, body: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header.write(name, 'latin1');
  header.writeUInt32LE(body.length, 4);
  return Buffer.concat([header, body, Buffer.alloc(body.length % 2)]);
}

/** With a chunk between the format and the samples, as ffmpeg writes it. */
function withChunk(wav: Uint8Array, extra: Buffer): Buffer {
  return Buffer.concat([wav.subarray(0, 36), extra, wav.subarray(36)]);
}

function rf64(pcm: Int16Array): Buffer {
  const wav = Buffer.from(writeWav(pcm, 24_000));
  const sizes = Buffer.alloc(28);
  sizes.writeBigUInt64LE(BigInt(pcm.byteLength), 8);
  wav.write('RF64', 0, 'latin1');
  wav.writeUInt32LE(0xffffffff, 4);
  wav.writeUInt32LE(0xffffffff, 40);
  return Buffer.concat([wav.subarray(0, 12), chunk('ds64', sizes), wav.subarray(12)]);
}

const one = Buffer.from(writeWav(A, 24_000));
const two = Buffer.from(writeWav(B, 24_000));
const UNKNOWN = 0xffffffff;

describe('WavStream', () => {
  test.each<[string, Uint8Array, Int16Array[]]>([
    ['one file', one, [A]],
    ['lengths of 0xFFFFFFFF (ffmpeg, OpenAI)', withLengths(one, UNKNOWN, UNKNOWN), [A]],
    ['lengths of 0 (Piper)', withLengths(one, 0, 0), [A]],
    ['lengths of 0x7FFFFFFF − 36 (Kokoro-FastAPI)', withLengths(one, 0x7fffffff, 0x7fffffff - 36), [A]],
    ['a length that is too long', withLengths(one, 99_999_999, 99_999_999), [A]],
    ['a length that is too short', withLengths(one, 236, 200), [A]],
    ['two files in a row', Buffer.concat([one, two]), [A, B]],
    [
      'two files of unknown length',
      Buffer.concat([withLengths(one, UNKNOWN, UNKNOWN), withLengths(two, UNKNOWN, UNKNOWN)]),
      [A, B],
    ],
    [
      'three files, the first one with a length for all',
      Buffer.concat([withLengths(one, 20_000, 19_964), two, one]),
      [A, B, A],
    ],
    [
      'a LIST chunk before the samples',
      withChunk(one, chunk('LIST', Buffer.from('INFOISFT\x0e\0\0\0Lavf59.27.100\0', 'latin1'))),
      [A],
    ],
    [
      'a chunk of odd length behind the samples',
      Buffer.concat([one, chunk('LIST', Buffer.alloc(27, 65))]),
      [A],
    ],
    ['chunks between two files', Buffer.concat([one, chunk('id3 ', Buffer.alloc(100)), two]), [A, B]],
    ['RF64', rf64(A), [A]],
    ['RF64 behind RIFF', Buffer.concat([one, rf64(B)]), [A, B]],
    ['samples without a header behind the file', Buffer.concat([one, new Uint8Array(B.buffer)]), [A, B]],
    ['an incomplete last sample', Buffer.concat([withLengths(one, UNKNOWN, UNKNOWN), Buffer.from([1])]), [A]],
    ['a last part of a chunk header', Buffer.concat([one, Buffer.from('LIS')]), [A]],
  ])('reads %s, for every split', (_, bytes, expected) => {
    const whole = expected.flatMap((pcm) => [...pcm]);
    expect(decode(bytes)).toEqual({ pcm: whole, rates: [24_000] });
    for (const size of [1, 7, 1_000]) {
      const cuts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => n * size);
      expect(decode(bytes, cuts).pcm).toEqual(whole);
    }
  });

  test('passes samples on while the file arrives', () => {
    const stream = new WavStream();
    const [piece] = stream.read(withLengths(one, UNKNOWN, UNKNOWN).subarray(0, 2_044));
    // What may be a trailer is held back.
    expect(piece?.pcm.length).toBeGreaterThan(1_000 - 512 / 2 - 20);
  });

  test.each([
    ['an error', Buffer.from('{"error":{"message":"CUDA out of memory"}}')],
    ['an error on a line of its own', Buffer.from('\n{"detail": "out of memory"}\n')],
    ['a LIST chunk', chunk('LIST', Buffer.from('INFOISFT\x0e\0\0\0Lavf60.16.100\0', 'latin1'))],
  ])('does not play %s behind samples of unknown length', (_, trailer) => {
    const file = Buffer.concat([withLengths(one, UNKNOWN, UNKNOWN), trailer]);
    for (const size of [1, 7, 1_000, file.length]) {
      const stream = new WavStream();
      const pieces: PcmPiece[] = [];
      for (let at = 0; at < file.length; at += size)
        pieces.push(...stream.read(file.subarray(at, at + size)));
      pieces.push(...stream.end());
      expect(pieces.flatMap(({ pcm }) => [...pcm])).toEqual([...A]);
    }
  });

  test('follows a change of rate and of channels', () => {
    const stereo = Int16Array.from([100, 300, -100, -300]);
    expect(decode(Buffer.concat([one, writeWav(stereo, 16_000, 2)]))).toEqual({
      pcm: [...A, 200, -200],
      rates: [24_000, 16_000],
    });
  });

  test.each(['8', '16', '24', '32', '32f', '64', '8a', '8m'])(
    'decodes samples of the kind %s',
    (bitDepth) => {
      const wav = new wavefile.WaveFile();
      wav.fromScratch(1, 24_000, '16', [...A]);
      if (bitDepth === '8a') wav.toALaw();
      else if (bitDepth === '8m') wav.toMuLaw();
      else if (bitDepth !== '16') wav.toBitDepth(bitDepth);
      const { pcm } = decode(wav.toBuffer());
      expect(pcm).toHaveLength(A.length);
      for (const [n, sample] of pcm.entries()) expect(Math.abs(sample - A[n]!)).toBeLessThan(300);
    },
  );

  test.each<[string, (wav: Buffer) => void]>([
    ['ADPCM', (wav) => wav.writeUInt16LE(17, 20)],
    ['no channels', (wav) => wav.writeUInt16LE(0, 22)],
    ['a rate of 0', (wav) => wav.writeUInt32LE(0, 24)],
    ['a block size that does not fit', (wav) => wav.writeUInt16LE(7, 32)],
    ['12 bits', (wav) => wav.writeUInt16LE(12, 34)],
  ])('refuses %s', (_, change) => {
    const wav = Buffer.from(one);
    change(wav);
    expect(() => decode(wav)).toThrow('not a readable WAV file');
  });

  test('decodes a file whose block size has no room for a sample', () => {
    const wav = Buffer.from(one);
    wav.writeUInt16LE(1, 32);
    expect(decode(wav)).toEqual(decode(one));
  });

  test('refuses a file that ends within its header, and one without samples', () => {
    expect(() => decode(one.subarray(0, 40))).toThrow('it ends within its header');
    const endless = Buffer.concat([one.subarray(0, 36), chunk('JUNK', Buffer.alloc(80_000))]);
    expect(() => decode(endless)).toThrow('it has no samples');
  });

  test('decodes any sequence of files the same for every split, and never plays a header', () => {
    const file = fc.record({
      length: fc.integer({ min: 0, max: 40 }),
      riff: fc.constantFrom(0, UNKNOWN, 0x7fffffff, 36),
      known: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(file, { minLength: 1, maxLength: 5 }), fc.array(fc.nat(600)), (files, cuts) => {
        const pcms = files.map(({ length }, n) => new Int16Array(length).fill(n + 1));
        const all = files.map(({ riff, known }, n) => {
          const wav = writeWav(pcms[n]!, 24_000);
          return withLengths(wav, riff, known ? pcms[n]!.byteLength : UNKNOWN);
        });
        expect(decode(Buffer.concat(all), cuts).pcm).toEqual(pcms.flatMap((pcm) => [...pcm]));
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });

  test('throws only its own error for damaged files', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(60), fc.nat(255))), fc.nat(200), (changes, length) => {
        const damaged = Buffer.from(one.subarray(0, length + 12));
        for (const [at, value] of changes) if (at >= 12 && at < damaged.length) damaged[at] = value;
        try {
          decode(damaged);
        } catch (error) {
          expect(error).toMatchObject({ name: 'UnreadableAudio' });
        }
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });
});
