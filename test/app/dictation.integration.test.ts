import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { loadResampler, Resampler } from '../../src/audio/resampler.ts';
import { writeWav } from '../../src/audio/wav/wav.ts';
import { recordedSpeechOf } from '../../src/simulator/fixtures/recorded-speech.ts';
import { readAllScenarios } from '../../src/simulator/fixtures/scenario.ts';
import { startFakeOpenAi } from '../doubles/fake-openai.ts';
import { comesTrue } from '../support/comes-true.ts';
import { DictationPage } from '../support/dictation-page.ts';
import { Offhook } from '../support/test-server.ts';

const open: { close(): Promise<void> }[] = [];
let offhook: Offhook;

beforeAll(async () => {
  await loadResampler();
  const openAi = await startFakeOpenAi({ scenarios: readAllScenarios(), decodeClip: refuseClip });
  offhook = await Offhook.start({ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: openAi.url });
  open.push(openAi, offhook);
});
afterAll(() => Promise.all(open.map((each) => each.close())));

function refuseClip(): never {
  throw new Error('Invalid data found when processing input');
}

/** Speech at 48 kHz with silence around it, as a microphone gives it. */
function spoken(...names: string[]): Int16Array {
  const parts = names.flatMap((name) => {
    const resampler = new Resampler({ fromHz: 8_000, toHz: 48_000 });
    const { pcm } = recordedSpeechOf(name);
    const sound = [resampler.process(pcm), resampler.flush()];
    resampler.close();
    return [new Int16Array(24_000), ...sound, new Int16Array(36_000)];
  });
  const all = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const HOURS = 'caller-what-are-your-opening-hours';
const INVOICE = 'caller-i-would-like-to-ask';

describe('live transcription', () => {
  it('transcribes a complete clip', async () => {
    const page = new DictationPage(offhook.url);
    await page.ready();
    expect(page.told[0]).toEqual({ type: 'status', message: 'ready' });
    const { pcm } = recordedSpeechOf(HOURS);
    page.audio(writeWav(pcm, 8_000));
    await page.until(() => page.of('transcription').length === 1);
    expect(page.told[1]).toEqual({ type: 'status', message: 'Processing audio...' });
    expect(page.of('transcription')[0]).toEqual({
      type: 'transcription',
      text: recordedSpeechOf(HOURS).text,
      status: 'success',
    });
    page.close();
  });

  it('reports that the service refuses a clip, and why', async () => {
    const page = new DictationPage(offhook.url);
    await page.ready();
    page.audio(Buffer.concat([Buffer.from('OggS'), Buffer.alloc(5_000)]));
    await page.until(() => page.of('error').length === 1);
    expect(page.of('error')[0]!.message).toMatch(
      /^The transcription service refused: it cannot use what it was sent \(“.+”\)\. The clip is not transcribed\.$/u,
    );
    page.close();
  });

  it('transcribes minutes of speech that arrive at once completely, and reports progress', async () => {
    const page = new DictationPage(offhook.url);
    await page.ready();
    page.say({ type: 'start', encoding: 'pcm16', sampleRate: 48_000, progress: true });
    const sound = spoken(HOURS, INVOICE);
    const bytes = new Uint8Array(sound.buffer, sound.byteOffset, sound.byteLength);
    const times = 15;
    for (let time = 0; time < times; time += 1) page.audio(bytes);
    page.say({ type: 'stop' });
    await page.until(() => page.of('status').some(({ message }) => message === 'stopped'));
    expect(page.of('error')).toEqual([]);
    const expected = [HOURS, INVOICE].map((name) => recordedSpeechOf(name).text);
    expect(page.of('transcription').map(({ text }) => text)).toEqual(
      Array.from({ length: times }, () => expected).flat(),
    );
    const until = page.of('progress').map(({ untilMs }) => untilMs);
    expect(until.length).toBeGreaterThan(0);
    expect(until).toEqual(until.toSorted((a, b) => a - b));
    page.close();
  });

  it('splits a stream into utterances with times, whatever the message lengths', async () => {
    const page = new DictationPage(offhook.url);
    await page.ready();
    page.say({ type: 'start', encoding: 'pcm16', sampleRate: 48_000 });
    const sound = spoken(HOURS, INVOICE);
    const bytes = new Uint8Array(sound.buffer, sound.byteOffset, sound.byteLength);
    for (let at = 0; at < bytes.length;) {
      const length = 1 + ((at * 7_919) % 30_001);
      page.audio(bytes.subarray(at, at + length));
      at += length;
    }
    page.say({ type: 'stop' });
    await page.until(() => page.of('status').some(({ message }) => message === 'stopped'));
    const texts = page.of('transcription');
    expect(texts.map(({ text }) => text)).toEqual([
      recordedSpeechOf(HOURS).text,
      recordedSpeechOf(INVOICE).text,
    ]);
    const [first, second] = texts;
    expect(first!.startMs).toBeGreaterThan(400);
    expect(first!.startMs).toBeLessThan(900);
    expect(second!.startMs).toBeGreaterThan(first!.endMs!);
    expect(second!.endMs).toBeLessThan((sound.length / 48_000) * 1_000);
    page.close();
  });

  it('answers invalid messages with an error and keeps the connection', async () => {
    const page = new DictationPage(offhook.url);
    await page.ready();
    const wrong = [
      'nonsense',
      '{"type":"video"}',
      '{"type":"audio"}',
      '{"type":"audio","audio":5}',
      '{"type":"audio","audio":"***"}',
      '{"type":"start","encoding":"opus","sampleRate":48000}',
      '{"type":"start","encoding":"pcm16","sampleRate":1}',
      ...[0, 31, '"2"'].map(
        (seconds) => `{"type":"start","encoding":"pcm16","sampleRate":48000,"chunkSeconds":${seconds}}`,
      ),
      '{"type":"stop"}',
    ];
    for (const message of wrong) page.say(message);
    page.audio(Buffer.from('this is no sound at all, whatever it says'));
    page.audio(new Uint8Array(9 * 1024 * 1024));
    await page.until(() => page.of('error').length === wrong.length + 2);
    const ranges = page
      .of('error')
      .filter(({ message }) => message.startsWith('chunkSeconds: must be 1 to 30 seconds'));
    expect(ranges).toHaveLength(3);
    expect(page.of('error').at(-2)?.message).toContain('webm, ogg, wav, mp3');
    expect(page.of('error').at(-1)?.message).toContain('8 MiB');
    page.audio(writeWav(recordedSpeechOf(HOURS).pcm, 8_000));
    await page.until(() => page.of('transcription').length === 1);
    expect(page.isOpen).toBe(true);
    page.close();
  });

  it('limits the sockets of one address until one of them is closed', async () => {
    const own = await Offhook.start();
    open.push(own);
    const pages = Array.from({ length: 8 }, () => new DictationPage(own.url));
    await Promise.all(pages.map((page) => page.ready()));
    const statusOf = () =>
      new Promise((resolve) => {
        const socket = new WebSocket(`${own.url.replace(/^http/u, 'ws')}/ws`);
        socket.on('error', () => undefined);
        socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
        socket.on('open', () => {
          resolve('open');
          socket.close();
        });
      });
    expect(await statusOf()).toBe(429);
    pages.pop()!.close();
    await comesTrue('another socket is admitted', async () => (await statusOf()) === 'open');
    for (const page of pages) page.close();
  });

  it('without a service names the missing setting', async () => {
    const bare = await Offhook.start();
    open.push(bare);
    const page = new DictationPage(bare.url);
    await page.ready();
    expect(page.told[0]).toMatchObject({
      type: 'status',
      message: expect.stringContaining('OPENAI_API_KEY') as string,
    });
    page.audio(writeWav(new Int16Array(8_000), 8_000));
    await page.until(() => page.of('error').length === 1);
    page.close();
  });
});
