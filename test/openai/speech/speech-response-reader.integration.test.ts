import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadResampler } from '../../../src/audio/resampler.ts';
import { writeWav } from '../../../src/audio/wav/wav.ts';
import { SpeechResponseReader } from '../../../src/openai/speech/speech-response-reader.ts';
import { encodeAll } from '../../support/encode-to-file.ts';
import { portions, PROPERTY_RUNS } from '../../support/portions.ts';
import { amplitudeAt } from '../../support/tones.ts';

interface Heard {
  readonly pcm: Int16Array;
  readonly rateHz: number;
}

async function read(
  bytes: Uint8Array,
  headers: Record<string, string> = {},
  cuts: readonly number[] = [],
): Promise<Heard> {
  const reader = new SpeechResponseReader(new Headers(headers));
  try {
    const pieces = [];
    for (const portion of portions(bytes, cuts)) pieces.push(...(await reader.read(portion)));
    pieces.push(...(await reader.end()));
    const rates = new Set(pieces.map(({ sampleRateHz }) => sampleRateHz));
    expect(rates.size).toBeLessThanOrEqual(1);
    return { pcm: Int16Array.from(pieces.flatMap(({ pcm }) => [...pcm])), rateHz: [...rates][0] ?? 0 };
  } finally {
    reader.close();
  }
}

const tone = (rateHz: number, seconds = 1): Int16Array =>
  Int16Array.from({ length: rateHz * seconds }, (_, n) => 8_000 * Math.sin((2 * Math.PI * 440 * n) / rateHz));
const bytesOf = (pcm: Int16Array): Buffer => Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
const every = (size: number, length: number): number[] =>
  Array.from({ length: Math.ceil(length / size) }, (_, n) => n * size);

beforeAll(loadResampler);

describe('a compressed speech response', () => {
  test.each([
    ['mp3', 24_000, 'audio/mpeg'],
    ['mp3', 16_000, 'audio/wav'],
    ['mp3', 48_000, 'application/octet-stream'],
    ['flac', 24_000, 'audio/flac'],
    ['flac', 16_000, 'audio/pcm'],
    ['ogg', 24_000, 'audio/ogg'],
    ['ogg', 16_000, 'audio/mpeg'],
  ] as const)(
    'of %s at %i Hz, labelled %s, is decoded, whole and in portions',
    async (format, sampleRateHz, type) => {
      const { bytes } = await encodeAll(format, { sampleRateHz, channels: 1 }, tone(sampleRateHz));
      for (const cuts of [[], every(1_000, bytes.length), [3, 11, 13]]) {
        const { pcm, rateHz } = await read(bytes, { 'content-type': type }, cuts);
        expect(rateHz).toBe(sampleRateHz);
        expect(Math.abs(pcm.length - sampleRateHz)).toBeLessThan(sampleRateHz * 0.08);
        expect(amplitudeAt(pcm.subarray(2_000, -2_000), 440, rateHz)).toBeGreaterThan(7_500);
      }
    },
  );

  test('of two channels is mixed', async () => {
    const mono = tone(24_000);
    const stereo = Int16Array.from({ length: 48_000 }, (_, n) => (n % 2 === 0 ? mono[n / 2]! : 0));
    const { bytes } = await encodeAll('flac', { sampleRateHz: 24_000, channels: 2 }, stereo);
    const { pcm } = await read(bytes);
    expect(amplitudeAt(pcm.subarray(2_000, -2_000), 440, 24_000)).toBeCloseTo(4_000, -2);
  });
});

describe('raw samples', () => {
  test.each([
    ['audio/pcm', {}, 24_000],
    ['a rate in the type', { 'content-type': 'audio/pcm;rate=16000' }, 16_000],
    ['a rate in the type of RFC 2586', { 'content-type': 'audio/L16; rate=44100' }, 44_100],
    ['X-Sample-Rate', { 'content-type': 'audio/pcm', 'x-sample-rate': '22050' }, 22_050],
    ['a rate that cannot be', { 'x-sample-rate': '7' }, 24_000],
  ])('with %s have the rate that is stated', async (_, headers, rateHz) => {
    const heard = await read(bytesOf(tone(rateHz)), headers);
    expect(heard.rateHz).toBe(rateHz);
    expect(heard.pcm).toEqual(tone(rateHz));
  });

  test('of the other byte order are turned, whatever the label says', async () => {
    const swapped = bytesOf(tone(24_000)).swap16();
    expect((await read(swapped, { 'content-type': 'audio/L16;rate=24000' })).pcm).toEqual(tone(24_000));
    expect((await read(bytesOf(tone(24_000)), { 'content-type': 'audio/L16;rate=24000' })).pcm).toEqual(
      tone(24_000),
    );
    expect((await read(swapped, {}, every(7, swapped.length))).pcm).toEqual(tone(24_000));
  });

  test('in μ-law are decoded where the label says so', async () => {
    const silence = await read(new Uint8Array(8_000).fill(0xff), { 'content-type': 'audio/basic' });
    expect(silence.rateHz).toBe(8_000);
    expect(silence.pcm).toEqual(new Int16Array(8_000));
  });

  test('that look like a sync word of MP3 stay samples', async () => {
    const loud = Buffer.alloc(4_800, Buffer.from([0xff, 0xfb]));
    expect((await read(loud, { 'content-type': 'audio/mpeg' })).pcm).toHaveLength(2_400);
  });

  test('are the same for every split', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 700 }),
        fc.array(fc.nat(1_400)),
        async (samples, cuts) => {
          const pcm = Int16Array.from(samples, (sample) => sample);
          expect((await read(bytesOf(pcm), {}, cuts)).pcm).toEqual((await read(bytesOf(pcm))).pcm);
        },
      ),
      { numRuns: PROPERTY_RUNS },
    );
  });
});

describe('a response that is no audio', () => {
  test.each([
    ['an error in JSON', '{"error":{"message":"no such voice"}}', 'no such voice'],
    ['an error that is short', '{"error":1}', '1'],
    [
      'an error in Chinese',
      '{"detail":"没有这个声音，请选择另一个声音。谢谢。"}',
      '没有这个声音，请选择另一个声音。谢谢。',
    ],
    ['a page', '<!doctype html><html><head><title>Sign in</title></head></html>', 'an HTML page: Sign in'],
    ['a sentence', 'upstream timed out', 'upstream timed out'],
  ])('%s is an error with the server’s words, whatever its label', async (_, body, message) => {
    for (const cuts of [[], [1, 5, 12, 20]]) {
      const failed = read(Buffer.from(body), { 'content-type': 'audio/wav' }, cuts);
      await expect(failed).rejects.toMatchObject({ name: 'SpokenError', said: { message } });
    }
  });

  test.each([
    ['WebM', Buffer.concat([Buffer.from([0x1a, 0x45, 0xdf, 0xa3]), Buffer.alloc(40)]), 'WebM is not decoded'],
    [
      'MP4',
      Buffer.concat([Buffer.from('\0\0\0\x20ftypM4A ', 'latin1'), Buffer.alloc(40)]),
      'MP4 is not decoded',
    ],
    ['AAC', aac(), 'AAC is not decoded'],
    ['an MP3 without frames', Buffer.from(`ID3\x03${'\0'.repeat(60)}`), 'mp3 without samples'],
    [
      'Ogg with another codec',
      Buffer.from(`OggS${'\0'.repeat(24)}Speex   ${'\0'.repeat(60)}`),
      'unknown codec',
    ],
  ])('%s is refused by name', async (_, bytes, message) => {
    await expect(read(bytes, { 'content-type': 'audio/wav' })).rejects.toThrow(message);
  });

  test('throws only its own errors for any bytes', async () => {
    const beginning = fc.constantFrom(
      '',
      'RIFF\0\0\0\0WAVE',
      'fLaC',
      'ID3\x03',
      '\xff\xfb\x90\x00',
      '{',
      '<',
      'data: ',
    );
    await fc.assert(
      fc.asyncProperty(beginning, fc.uint8Array({ maxLength: 200 }), async (start, rest) => {
        try {
          await read(Buffer.concat([Buffer.from(start, 'latin1'), rest]));
        } catch (error) {
          expect((error as Error).name).toMatch(/^(UnreadableAudio|SpokenError)$/u);
        }
      }),
      { numRuns: 300 },
    );
  });
});

test('an empty response has no samples', async () => {
  expect((await read(new Uint8Array(0))).pcm).toHaveLength(0);
});

test('a WAV file is recognised at its first bytes', async () => {
  const wav = writeWav(tone(16_000), 16_000);
  expect(await read(wav, { 'content-type': 'audio/pcm' }, [1, 2, 3, 11, 12, 13, 44])).toEqual({
    pcm: tone(16_000),
    rateHz: 16_000,
  });
});

/** Two ADTS frames of 16 bytes. */
function aac(): Buffer {
  const frame = Buffer.alloc(16);
  frame.set([0xff, 0xf1, 0x50, 0x80, 0x02, 0x00, 0xfc]);
  return Buffer.concat([frame, frame]);
}
