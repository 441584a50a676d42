import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import WebSocket from 'ws';
import { readWav } from '../../src/audio/wav/wav.ts';
import type { ToMicrophone } from '../../src/microphone/dictation/dictation-messages.ts';
import { recordedSpeechOf } from '../../src/simulator/fixtures/recorded-speech.ts';
import { readAllScenarios } from '../../src/simulator/fixtures/scenario.ts';
import { type FakeOpenAi, startFakeOpenAi } from '../doubles/fake-openai.ts';
import { faultsInAllLooks } from '../support/all-looks.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { builtPages } from '../support/built-pages.ts';
import { comesTrue } from '../support/comes-true.ts';
import { type BreakableConnection, breakableConnection } from '../support/breakable-connection.ts';
import { microphoneFile } from '../support/microphone-file.ts';
import { troublesOf } from '../support/page-faults.ts';
import { Offhook } from '../support/test-server.ts';
import { ffmpegDecoded } from '../support/tool-decoders.ts';

const SPEECHES = ['caller-i-would-like-to-ask', 'caller-what-are-your-opening-hours'];
const SAID = Array.from({ length: 12 }, (_, at) => ({
  atMs: 1_500 + at * 3_200,
  speech: SPEECHES[at % SPEECHES.length]!,
}));
const textOf = ({ speech }: { speech: string }): string => recordedSpeechOf(speech).text;

let openAi: FakeOpenAi;
let offhook: Offhook;
let browser: TestBrowser;
beforeAll(async () => {
  openAi = await startFakeOpenAi({ scenarios: readAllScenarios(), decodeClip: ffmpegDecoded });
  offhook = await Offhook.start(
    { OPENAI_API_KEY: 'x', OPENAI_BASE_URL: openAi.url },
    { pages: builtPages() },
  );
  browser = await startBrowser({ microphone: microphoneFile(offhook.directory, SAID, 60_000) });
});
afterAll(async () => {
  await browser.close();
  await offhook.close();
  await openAi.close();
});

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const linesOf = (page: Page) => page.getByRole('log').locator('.turn > div').allInnerTexts();

/** Runs in the browser: four seconds of the microphone as `MediaRecorder` writes them; gives the server's answer. */
const RECORD_AND_SEND = `(async () => {
  const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(microphone, { mimeType: 'audio/webm;codecs=opus' });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  recorder.start();
  await new Promise((resolve) => setTimeout(resolve, 4_400));
  await new Promise((resolve) => {
    recorder.onstop = resolve;
    recorder.stop();
  });
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  const audio = btoa([...bytes].map((byte) => String.fromCharCode(byte)).join(''));
  const socket = new WebSocket(location.origin.replace('http', 'ws') + '/ws');
  return new Promise((resolve) => {
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type !== 'status') resolve(data);
      else if (message.message === 'ready') socket.send(JSON.stringify({ type: 'audio', audio }));
    };
  });
})()`;

async function openPage(): Promise<{ readonly page: Page; readonly connection: BreakableConnection }> {
  const page = await browser.context.newPage();
  const connection = await breakableConnection(page, /\/ws$/u);
  await page.goto(offhook.url);
  return { page, connection };
}

/** Waits until the recording is so long. */
async function recordedFor(page: Page, seconds: number): Promise<void> {
  await comesTrue(`${seconds} s are recorded`, async () => {
    const [, minute, second] =
      /(\d+):(\d\d)/u.exec((await page.getByRole('timer').textContent()) ?? '') ?? [];
    return Number(minute) * 60 + Number(second) >= seconds;
  });
}

/** Empty where there is none. */
function latestRecording(ending: string): Buffer {
  const folder = offhook.fileOf('recordings');
  const name = readdirSync(folder).findLast((one) => one.endsWith(ending));
  return name === undefined ? Buffer.alloc(0) : readFileSync(path.join(folder, name));
}

/** The texts of a recording over a connection that does not break. */
async function writtenDown(file: Buffer): Promise<string[]> {
  const { pcm, sampleRateHz } = readWav(file);
  const socket = new WebSocket(`${offhook.url.replace('http', 'ws')}/ws`);
  const texts: string[] = [];
  await new Promise<void>((resolve) => {
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as ToMicrophone;
      if (message.type === 'transcription') texts.push(message.text);
      if (message.type !== 'status') return;
      if (message.message === 'stopped') resolve();
      if (message.message === 'ready') send();
    });
    const send = (): void => {
      socket.send(JSON.stringify({ type: 'start', encoding: 'pcm16', sampleRate: sampleRateHz }));
      const { buffer, byteOffset, byteLength } = pcm[0]!;
      const audio = Buffer.from(buffer, byteOffset, byteLength).toString('base64');
      socket.send(JSON.stringify({ type: 'audio', audio }));
      socket.send(JSON.stringify({ type: 'stop' }));
    };
  });
  socket.close();
  return texts;
}

it('transcribes everything said while the connection was broken, even after the end of the recording', async () => {
  const { page, connection } = await openPage();
  const errors = troublesOf(page);
  await press(page, 'Start recording');
  await page.getByRole('log').getByText(textOf(SAID[1]!)).first().waitFor();
  connection.down();
  await page.getByText('The connection broke.').waitFor();
  await recordedFor(page, 41);
  await press(page, 'Stop recording');
  await page.getByText('are still to be transcribed').waitFor();
  expect(await page.getByRole('button', { name: 'Start recording' }).isDisabled()).toBe(true);
  expect(await faultsInAllLooks(page, 'microphone-catching-up')).toEqual([]);
  connection.up();
  await page.getByText('is saved with the recording.').waitFor();
  // A busy machine's fake microphone may drop some of it: what counts is what was recorded.
  const recorded = await writtenDown(latestRecording('.wav'));
  expect(recorded.length).toBeGreaterThan(SAID.length / 2);
  expect(await linesOf(page)).toEqual(recorded);
  expect(await page.getByText('The transcript is incomplete').count()).toBe(0);
  expect(errors).toEqual([]);
  await page.close();
});

it('marks missing parts of a transcript, also in the file, and transcribes them on request', async () => {
  const { page, connection } = await openPage();
  await press(page, 'Start recording');
  await page.getByRole('log').getByText(textOf(SAID[0]!)).first().waitFor();
  openAi.setFault('transcription', { kind: 'status', status: 400 });
  await page.getByText('The transcription service refused').waitFor();
  connection.down();
  openAi.setFault('transcription', undefined);
  await page.getByText('The connection broke.').waitFor();
  await recordedFor(page, 12);
  await press(page, 'Stop recording');
  await press(page, 'Skip the rest');
  await page.getByText('The transcript is incomplete').waitFor();
  expect(await faultsInAllLooks(page, 'microphone-incomplete')).toEqual([]);
  const saved = () => latestRecording('.txt').toString('utf8');
  await comesTrue('it is saved', () => saved().includes('[not transcribed]'));
  connection.up();
  await press(page, 'Transcribe the missing parts');
  await page.getByText('The transcript is incomplete').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Skip the rest' }).waitFor({ state: 'detached' });
  await comesTrue('it is saved anew', () => !saved().includes('[not transcribed]'));
  const lines = saved()
    .trim()
    .split('\n')
    .map((line) => line.replace(/^\S+ /u, ''));
  expect(lines.slice(0, 3)).toEqual(SAID.slice(0, 3).map(textOf));
  await page.close();
});

it('accepts a clip as the browser records it', async () => {
  const page = await browser.context.newPage();
  await page.goto(offhook.url);
  const answer = await page.evaluate<string>(RECORD_AND_SEND);
  expect(JSON.parse(answer)).toEqual({ type: 'transcription', text: textOf(SAID[0]!), status: 'success' });
  await page.close();
});
