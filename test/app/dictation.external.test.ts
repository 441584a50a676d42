import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeWav } from '../../src/audio/wav/wav.ts';
import { recordedSpeechOf } from '../../src/simulator/fixtures/recorded-speech.ts';
import { readAllScenarios } from '../../src/simulator/fixtures/scenario.ts';
import { startFakeOpenAi } from '../doubles/fake-openai.ts';
import { DictationPage } from '../support/dictation-page.ts';
import { runTool } from '../support/run-tool.ts';
import { Offhook } from '../support/test-server.ts';
import { ffmpegDecoded } from '../support/tool-decoders.ts';

const open: { close(): Promise<void> }[] = [];
let offhook: Offhook;

beforeAll(async () => {
  const openAi = await startFakeOpenAi({ scenarios: readAllScenarios(), decodeClip: ffmpegDecoded });
  offhook = await Offhook.start({ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: openAi.url });
  open.push(openAi, offhook);
});
afterAll(() => Promise.all(open.map((each) => each.close())));

const INVOICE = 'caller-i-would-like-to-ask';

describe('live transcription', () => {
  it.each([
    ['webm', ['-c:a', 'libopus', '-f', 'webm']],
    ['ogg', ['-c:a', 'libopus', '-f', 'ogg']],
    ['mp3', ['-c:a', 'libmp3lame', '-f', 'mp3']],
    ['flac', ['-f', 'flac']],
  ])('transcribes a clip that is %s', async (_name, how) => {
    const { pcm, text } = recordedSpeechOf(INVOICE);
    const { stdout } = runTool(
      'ffmpeg',
      ['-v', 'error', '-i', 'pipe:0', '-ar', '48000', ...how, '-'],
      writeWav(pcm, 8_000),
    );
    const page = new DictationPage(offhook.url);
    await page.ready();
    page.audio(stdout);
    await page.until(() => page.told.length === 3);
    expect(page.told.slice(1)).toEqual([
      { type: 'status', message: 'Processing audio...' },
      { type: 'transcription', text, status: 'success' },
    ]);
    page.close();
  });
});
