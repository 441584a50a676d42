import alawmulaw from 'alawmulaw';
import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
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

describe('raw samples as they are declared', () => {
  const swapped = (pcm: Int16Array): Buffer => Buffer.from(bytesOf(pcm)).swap16();

  test('big-endian after digital silence (RFC 3551: L16)', async () => {
    const bytes = Buffer.concat([Buffer.alloc(1_920), swapped(tone(24_000))]);
    for (const cuts of [[], every(320, bytes.length)]) {
      const { pcm } = await read(bytes, { 'content-type': 'audio/L16;rate=24000' }, cuts);
      expect(pcm.subarray(960)).toEqual(tone(24_000));
    }
  });

  test('two channels are mixed', async () => {
    const mono = tone(16_000);
    const stereo = Int16Array.from({ length: 32_000 }, (_, n) => mono[n >> 1]!);
    const type = 'audio/L16; rate=16000; channels=2';
    for (const cuts of [[], every(333, 64_000)])
      expect(await read(bytesOf(stereo), { 'content-type': type }, cuts)).toEqual({
        pcm: tone(16_000),
        rateHz: 16_000,
      });
  });

  test('32-bit float', async () => {
    const float = Float32Array.from(tone(24_000), (sample) => sample / 32_767);
    const type = 'audio/pcm;rate=24000;encoding=f32le';
    expect((await read(Buffer.from(float.buffer), { 'content-type': type }, [7, 1_001])).pcm).toEqual(
      tone(24_000),
    );
  });

  test('A-law', async () => {
    const bytes = alawmulaw.alaw.encode(tone(8_000));
    const { pcm, rateHz } = await read(bytes, { 'content-type': 'audio/PCMA' });
    expect([rateHz, amplitudeAt(pcm, 440, 8_000) > 7_500]).toEqual([8_000, true]);
  });

  test.each([
    [{ 'content-type': 'audio/x-raw,format=S16LE,rate=(int)16000' }],
    [{ 'content-type': 'application/octet-stream', 'x-samplerate': '16000' }],
  ])('the rate in %o', async (headers) => {
    expect((await read(bytesOf(tone(16_000)), headers as Record<string, string>)).rateHz).toBe(16_000);
  });
});

test.each(['flac', 'mp3', 'ogg'] as const)('%s files in a row are all heard', async (format) => {
  const { bytes } = await encodeAll(format, { sampleRateHz: 16_000, channels: 1 }, tone(16_000));
  const both = Buffer.concat([bytes, bytes]);
  for (const cuts of [[], every(100, both.length), [bytes.length + 2, bytes.length + 5]]) {
    const { pcm } = await read(both, {}, cuts);
    expect(Math.abs(pcm.length - 32_000)).toBeLessThan(2_600);
  }
});

describe('audio in base64 within a text', () => {
  const wav = Buffer.from(writeWav(tone(24_000, 3), 24_000));
  const pcm = bytesOf(tone(24_000, 3));
  const inPieces = (bytes: Buffer): string[] =>
    Array.from({ length: Math.ceil(bytes.length / 9_000) }, (_, n) =>
      bytes.subarray(9_000 * n, 9_000 * (n + 1)).toString('base64'),
    );

  test.each([
    // tenstorrent/tt-inference-server#1720
    ['JSON', JSON.stringify({ audio: wav.toString('base64'), duration: 3, format: 'wav' })],
    ['raw samples in JSON', JSON.stringify({ data: { audio: pcm.toString('base64') } })],
    // platform.minimaxi.com: T2A
    [
      'hexadecimal digits',
      JSON.stringify({ data: { audio: wav.toString('hex') }, base_resp: { status_code: 0 } }),
    ],
    // envoyproxy/ai-gateway#1831: `stream_format: sse`
    [
      'events of OpenAI',
      inPieces(wav)
        .map((audio) => `data: ${JSON.stringify({ type: 'speech.audio.delta', audio })}\n\n`)
        .join('') + 'data: {"type":"speech.audio.done","usage":{}}\n\n',
    ],
    [
      'JSON lines',
      inPieces(wav)
        .map((audio) => `${JSON.stringify({ audio })}\n`)
        .join(''),
    ],
    ['a data address', `data:audio/wav;base64,${wav.toString('base64')}`],
    ['nothing else', wav.toString('base64')],
  ])('%s is decoded', async (_, body) => {
    for (const cuts of [[], [7, 100, 70_000]]) {
      const heard = await read(Buffer.from(body), { 'content-type': 'application/json' }, cuts);
      expect([heard.rateHz, heard.pcm.length]).toEqual([24_000, 72_000]);
      expect(amplitudeAt(heard.pcm, 440, 24_000)).toBeCloseTo(8_000, -2);
    }
  });

  test.each([
    [
      'a token',
      JSON.stringify({ error: { message: 'expired' }, token: Buffer.alloc(600, 'a').toString('base64') }),
      'expired',
    ],
    [
      'a long page',
      `<html><title>Sign in</title>${' <p>words</p>'.repeat(10_000)}</html>`,
      'an HTML page: Sign in',
    ],
  ])('%s is an error', async (_, body, message) => {
    const failed = read(Buffer.from(body), {}, every(10_000, body.length));
    await expect(failed).rejects.toMatchObject({ name: 'SpokenError', said: { message } });
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
    ['AAC in long frames', aac(400), 'AAC is not decoded'],
    ['AIFF (Apple, Audio Interchange File Format 1.3)', iff('FORM', 'AIFF'), 'AIFF is not decoded'],
    ['AU (Sun, audio file format)', iff('.snd', '\0\0\0\x18'), 'AU is not decoded'],
    ['big-endian RIFF', iff('RIFX', 'WAVE'), 'RIFX is not decoded'],
    ['RIFF without sound', iff('RIFF', 'AVI '), 'a RIFF file that is not WAV is not decoded'],
    ['CAF', iff('caff', '\0\x01\0\0'), 'CAF is not decoded'],
    ['gzip (RFC 1952)', gzipSync(Buffer.alloc(4_000, 'speech')), 'gzip is not decoded'],
    ['encrypted or compressed data', noise(4_000), 'data of an unknown format is not decoded'],
    ['FLAC behind zero bytes', Buffer.concat([Buffer.alloc(8), noise(4_000)]), 'data of an unknown format'],
    ['an MP3 without frames', Buffer.from(`ID3\x03${'\0'.repeat(60)}`), 'mp3 without samples'],
    [
      'Ogg with another codec',
      Buffer.from(`OggS${'\0'.repeat(24)}Speex   ${'\0'.repeat(60)}`),
      'unknown codec',
    ],
  ])('%s is refused by name', async (_, bytes, message) => {
    for (const cuts of [[], every(200, bytes.length), every(7, 100)])
      await expect(read(bytes, { 'content-type': 'audio/wav' }, cuts)).rejects.toThrow(message);
  });

  test.each([
    ['blank lines', '\r\n\r\n'],
    ['a part’s header (RFC 2046)', '--part-1\r\nContent-Type: audio/wav\r\nContent-Length: 32044\r\n\r\n'],
  ])('%s before a WAV file are not played', async (_, preamble) => {
    const wav = Buffer.concat([Buffer.from(preamble), writeWav(tone(16_000), 16_000)]);
    for (const cuts of [[], [1, 2, 5, 40, 70], every(200, wav.length)])
      expect((await read(wav, { 'content-type': 'audio/wav' }, cuts)).pcm).toEqual(tone(16_000));
  });

  test('a text behind a WAV file is not played', async () => {
    for (const text of ['{"error":"CUDA out of memory"}', '\n<html><body>502</body></html>'])
      for (const cuts of [[], every(50, 32_100)]) {
        const bytes = Buffer.concat([writeWav(tone(16_000), 16_000), Buffer.from(text)]);
        expect((await read(bytes, {}, cuts)).pcm).toEqual(tone(16_000));
      }
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

describe('floats without a label', () => {
  const floats = (pcm: Int16Array): Buffer => {
    const samples = Float32Array.from(pcm, (sample) => sample / 32_767);
    return Buffer.from(samples.buffer);
  };

  test.each([1, 20, 150])('are recognised, after %i ms of silence', async (silentMs) => {
    const pcm = Int16Array.from([...new Int16Array(24 * silentMs), ...tone(24_000)]);
    for (const cuts of [[], every(500, 4 * pcm.length)])
      expect(
        bytesOf((await read(floats(pcm), { 'content-type': 'audio/pcm' }, cuts)).pcm).equals(bytesOf(pcm)),
      ).toBe(true);
  });

  test.each([1, 100, 8_000, 13_000, 32_000])(
    '16-bit samples with a peak of %i are not floats',
    async (peak) => {
      const pcm = tone(24_000).map((sample) => (sample * peak) / 8_000);
      expect((await read(bytesOf(pcm), { 'content-type': 'audio/pcm' })).pcm).toEqual(pcm);
    },
  );
});

test('Ogg that ends within a page has the sound of its whole pages alone', async () => {
  const samples = noise(64_000);
  const pcm = Int16Array.from({ length: 64_000 }, (_, n) => 40 * samples[n]!);
  const { bytes } = await encodeAll('ogg', { sampleRateHz: 16_000, channels: 1 }, pcm);
  const whole = bytesOf((await read(bytes)).pcm);
  for (const share of [0.5, 0.7, 0.9]) {
    const part = bytesOf(
      (await read(bytes.subarray(0, Math.floor(bytes.length * share)), {}, [999, 5_003])).pcm,
    );
    expect(part.length).toBeGreaterThan(whole.length / 5);
    expect(part.equals(whole.subarray(0, part.length))).toBe(true);
  }
});

describe('a compressed file behind a WAV file', () => {
  test.each(['flac', 'mp3', 'ogg'] as const)('%s is refused, not played as noise', async (format) => {
    const { bytes } = await encodeAll(format, { sampleRateHz: 16_000, channels: 1 }, tone(16_000));
    const both = Buffer.concat([writeWav(tone(16_000), 16_000), bytes]);
    for (const cuts of [[], every(500, both.length)])
      await expect(read(both, {}, cuts)).rejects.toThrow(/^.*(?:flac|mp3|ogg-vorbis) follows/u);
  });

  test('a tag without a chunk is skipped', async () => {
    const tag = Buffer.from(`ID3\x04\0\0\0\0\x01\x10${'title '.repeat(24)}`, 'latin1');
    const bytes = Buffer.concat([writeWav(tone(16_000), 16_000), tag]);
    expect((await read(bytes, {}, every(33, bytes.length))).pcm).toEqual(tone(16_000));
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

/** Two ADTS frames of this many bytes (ISO/IEC 14496-3, 1.A.2.2). */
function aac(length = 16): Buffer {
  const frame = Buffer.alloc(length);
  frame.set([
    0xff,
    0xf1,
    0x50,
    0x80 | (length >> 11),
    (length >> 3) & 0xff,
    ((length & 7) << 5) | 0x1f,
    0xfc,
  ]);
  return Buffer.concat([frame, frame]);
}

function iff(name: string, type: string): Buffer {
  return Buffer.concat([Buffer.from(`${name}\0\0\x10\0${type}`, 'latin1'), bytesOf(tone(22_050))]);
}

/** The same each time; every byte is as frequent. */
function noise(length: number): Buffer {
  let state = 1;
  return Buffer.from(
    Uint8Array.from({ length }, () => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 24),
  );
}
