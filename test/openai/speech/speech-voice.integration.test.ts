import { afterEach, describe, expect, test } from 'vitest';
import { decodeMulaw } from '../../../src/audio/mulaw.ts';
import { writeWav } from '../../../src/audio/wav/wav.ts';
import { SpeechVoice } from '../../../src/openai/speech/speech-voice.ts';
import { HandTimer } from '../hand-timer.ts';
import { bytes, failing, ScriptedServer } from '../scripted-server.ts';

let server: ScriptedServer;

afterEach(() => server.stop());

async function voiceFor(...answers: Parameters<typeof ScriptedServer.start>) {
  server = await ScriptedServer.start(...answers);
  const hand = new HandTimer();
  const speech = { model: 'any-model', baseUrl: server.baseUrl, voice: 'coral', apiKey: 'sk-1' };
  const timeouts = { answerMs: 2_000, idleMs: 2_000, retries: 2, maxPauseMs: 1_000 };
  return { hand, voice: new SpeechVoice({ speech, timeouts, timer: hand.timer }) };
}

async function spoken(pieces: AsyncIterable<Uint8Array>): Promise<Int16Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return decodeMulaw(Buffer.concat(all));
}

const never = new AbortController().signal;

function tone(hz: number, rateHz: number, samples: number): Int16Array {
  return Int16Array.from({ length: samples }, (_, n) => 8_000 * Math.sin((2 * Math.PI * hz * n) / rateHz));
}

function bytesOf(pcm: Int16Array): Uint8Array {
  return new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
}

function split(whole: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0, n = 0; at < whole.length; n++) {
    const size = sizes[n % sizes.length] ?? 1;
    parts.push(whole.subarray(at, at + size));
    at += size;
  }
  return parts;
}

/** How much of the sound is the tone, from 0 to 1. */
function share(pcm: Int16Array, hz: number): number {
  let [re, im, energy] = [0, 0, 0];
  for (const [n, sample] of pcm.entries()) {
    re += sample * Math.cos((2 * Math.PI * hz * n) / 8_000);
    im += sample * Math.sin((2 * Math.PI * hz * n) / 8_000);
    energy += sample * sample;
  }
  return (2 * (re * re + im * im)) / (pcm.length * energy);
}

const adpcm = writeWav(new Int16Array(64), 24_000);
adpcm[20] = 17;

describe('SpeechVoice', () => {
  test('requests WAV and returns raw samples as the same audio in μ-law, completely, however the bytes are split', async () => {
    const pcm = tone(440, 24_000, 24_000);
    const { voice } = await voiceFor(bytes(split(bytesOf(pcm), [1, 4_801, 7, 999])));
    const heard = await spoken(voice.speak('Hello.', never));
    expect(heard).toHaveLength(8_000);
    expect(share(heard, 440)).toBeGreaterThan(0.99);
    // The filter's rest is there: the last 5 ms are as loud as the middle.
    expect(Math.max(...heard.slice(-40).map(Math.abs))).toBeGreaterThan(6_000);
    expect(server.asked[0]).toMatchObject({ path: '/v1/audio/speech', authorization: 'Bearer sk-1' });
    expect(JSON.parse(String(server.asked[0]?.body))).toEqual({
      model: 'any-model',
      voice: 'coral',
      input: 'Hello.',
      response_format: 'wav',
    });
  });

  test('frequencies above the telephone band cause no aliases', async () => {
    const { voice } = await voiceFor(bytes([bytesOf(tone(7_000, 24_000, 24_000))]));
    const heard = await spoken(voice.speak('Hiss.', never));
    expect(Math.max(...heard.slice(100, -100).map(Math.abs))).toBeLessThan(80);
  });

  test.each([
    [24_000, [3]],
    [22_050, [4_096]],
    [16_000, [44, 1_000]],
  ])('a WAV file of %i Hz is read by its header, which is not played', async (rateHz, sizes) => {
    const wav = writeWav(tone(440, rateHz, rateHz), rateHz);
    const { voice } = await voiceFor(bytes(split(wav, sizes).slice(0, 50_000), 'audio/wav'));
    const heard = await spoken(voice.speak('Hello.', never));
    expect(heard).toHaveLength(8_000);
    expect(share(heard, 440)).toBeGreaterThan(0.99);
  });

  test('a streamed WAV file of unknown length ends with the answer', async () => {
    const wav = Buffer.from(writeWav(tone(440, 24_000, 12_000), 24_000));
    wav.writeUInt32LE(0xffffffff, 40);
    const { voice } = await voiceFor(bytes([wav]));
    expect(await spoken(voice.speak('Hello.', never))).toHaveLength(4_000);
  });

  test('the rate in the content type is used', async () => {
    const { voice } = await voiceFor(bytes([bytesOf(tone(440, 16_000, 16_000))], 'audio/pcm;rate=16000'));
    expect(await spoken(voice.speak('Hello.', never))).toHaveLength(8_000);
  });

  test.each([
    ['a damaged MP3', Buffer.from('ID3\u0003 and much more of it'), 'audio/mpeg'],
    ['an unknown Ogg file', Buffer.from(`OggS and much more of it${' '.repeat(64)}`), 'audio/ogg'],
    ['WebM', Buffer.from([0x1a, 0x45, 0xdf, 0xa3, ...Array<number>(20).fill(0)]), 'audio/wav'],
    ['an error in JSON', Buffer.from('{"error":{"message":"no such voice"}}'), 'audio/wav'],
    ['an error in Chinese', Buffer.from('{"detail":"没有这个声音"}'), 'audio/wav'],
    ['a page', Buffer.from('<!doctype html><title>Sign in</title>'), 'audio/pcm'],
    ['a WAV file of ADPCM', Buffer.from(adpcm), 'audio/wav'],
  ])('%s is a permanent error, not noise', async (_, body, contentType) => {
    const answers = Array.from({ length: 8 }, () => bytes([body], contentType));
    const { voice } = await voiceFor(...answers);
    const failure = spoken(voice.speak('Hello.', never));
    await expect(failure).rejects.toMatchObject({
      name: 'ServiceError',
      service: 'speech',
      transient: false,
    });
  });

  test('samples that look like an MP3 are samples if the server says so', async () => {
    const loud = Buffer.alloc(4_800, Buffer.from([0xff, 0xfb]));
    const { voice } = await voiceFor(bytes([loud], 'audio/pcm'));
    expect(await spoken(voice.speak('Hello.', never))).toHaveLength(800);
  });

  test('an empty answer is an error', async () => {
    const { voice } = await voiceFor(bytes([]), bytes([]), bytes([]));
    await expect(spoken(voice.speak('Hello.', never))).rejects.toMatchObject({
      service: 'speech',
      transient: true,
    });
  });

  test('the first audio is returned while the rest is still synthesised', async () => {
    let end = () => {};
    const { voice } = await voiceFor((response) => {
      response.writeHead(200, { 'content-type': 'audio/pcm' }).write(bytesOf(tone(440, 24_000, 4_800)));
      end = () => response.end();
    });
    const pieces = voice.speak('Hello.', never)[Symbol.asyncIterator]();
    const first = await pieces.next();
    expect(first.value?.length).toBeGreaterThan(1_000);
    end();
    while (!(await pieces.next()).done);
  });

  test('stalled speech is an error', async () => {
    const { voice, hand } = await voiceFor((response) => {
      response.writeHead(200, { 'content-type': 'audio/pcm' }).write(bytesOf(tone(440, 24_000, 4_800)));
    });
    const pieces = voice.speak('Hello.', never)[Symbol.asyncIterator]();
    await pieces.next();
    const failure = pieces.next().catch((error: unknown) => error);
    await hand.runOut();
    expect(await failure).toMatchObject({ name: 'ServiceError', service: 'speech', transient: true });
    expect(hand.waiting).toEqual([]);
  });

  test('ends without an error when the caller interrupts', async () => {
    const { voice } = await voiceFor((response) => {
      response.writeHead(200, { 'content-type': 'audio/pcm' }).write(bytesOf(tone(440, 24_000, 4_800)));
    });
    const call = new AbortController();
    let pieces = 0;
    for await (const _ of voice.speak('Hello.', call.signal)) {
      pieces++;
      call.abort();
    }
    expect(pieces).toBe(1);
  });

  test('retries if the server is busy', async () => {
    const { voice } = await voiceFor(failing(503), bytes([bytesOf(tone(440, 24_000, 2_400))]));
    expect(await spoken(voice.speak('Hello.', never))).toHaveLength(800);
    expect(server.asked).toHaveLength(2);
  });
});
