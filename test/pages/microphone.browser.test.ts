import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readWav, writeWav } from '../../src/audio/wav/wav.ts';
import { readAllScenarios } from '../../src/simulator/fixtures/scenario.ts';
import { type FakeOpenAi, startFakeOpenAi } from '../doubles/fake-openai.ts';
import { faultsInAllLooks } from '../support/all-looks.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { builtPages } from '../support/built-pages.ts';
import { comesTrue } from '../support/comes-true.ts';
import { breakableConnection } from '../support/breakable-connection.ts';
import { microphoneFile } from '../support/microphone-file.ts';
import { type Player, troublesOf } from '../support/page-faults.ts';
import { Offhook } from '../support/test-server.ts';

const SAID = [
  { atMs: 1_500, speech: 'caller-i-would-like-to-ask' },
  { atMs: 6_500, speech: 'caller-what-are-your-opening-hours' },
  { atMs: 10_500, speech: 'caller-thank-you-that-is-all' },
];
/** Louder samples belong to speech. */
const SPEECH_LEVEL = 1_500;
const NAME = /^recording_\d{8}_\d{6}\.wav$/u;

let openAi: FakeOpenAi;
let offhook: Offhook;
let browser: TestBrowser;
beforeAll(async () => {
  openAi = await startFakeOpenAi({ scenarios: readAllScenarios() });
  offhook = await Offhook.start(
    { OPENAI_API_KEY: 'x', OPENAI_BASE_URL: openAi.url },
    { catalogue: true, pages: builtPages() },
  );
  browser = await startBrowser({ microphone: microphoneFile(offhook.directory, SAID, 40_000) });
});
afterAll(async () => {
  await browser.close();
  await offhook.close();
  await openAi.close();
});

/** The part of a browser that is asked; the types of the tests have no DOM. */
interface Styles {
  getComputedStyle(element: unknown): { readonly backgroundColor: string };
}

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const saved = (): string[] => readdirSync(offhook.fileOf('recordings')).filter((name) => NAME.test(name));

/** Seconds at which it becomes loud after at least a second of silence. */
function speechOnsets(pcm: Int16Array, sampleRateHz: number): number[] {
  const onsets: number[] = [];
  let loudAt = -sampleRateHz;
  pcm.forEach((sample, at) => {
    if (Math.abs(sample) < SPEECH_LEVEL) return;
    if (at - loudAt >= sampleRateHz) onsets.push(at / sampleRateHz);
    loudAt = at;
  });
  return onsets;
}

it('records and transcribes through a broken connection; the recording is then listed, played and deleted', async () => {
  const page = await browser.context.newPage();
  const errors = troublesOf(page);
  const connection = await breakableConnection(page, /\/ws$/u);
  await page.goto(offhook.url);
  const colourOf = (name: string): Promise<string> =>
    page.getByRole('button', { name, exact: true }).evaluate((button: unknown) => {
      const styles = globalThis as unknown as Styles;
      return styles.getComputedStyle(button).backgroundColor;
    });
  const state = page.getByRole('status').first();
  expect(await state.textContent()).toBe('Ready to record');
  const startColour = await colourOf('Start recording');
  await press(page, 'Start recording');
  await comesTrue('the state is shown', async () => (await state.textContent()) === 'Recording');
  expect(await colourOf('Stop recording')).not.toBe(startColour);
  const log = page.getByRole('log');
  await log.getByText('I would like to ask about an invoice.').waitFor();
  connection.down();
  await page.getByText('The connection broke.').waitFor();
  connection.up();
  await log.getByText('What are your opening hours?').waitFor();
  await log.getByText('Thank you, that is all.').waitFor();
  await press(page, 'Stop recording');
  await page.getByText('Saved', { exact: true }).waitFor();
  expect(await faultsInAllLooks(page, 'microphone-saved')).toEqual([]);

  const [name] = saved();
  const wav = readWav(readFileSync(path.join(offhook.fileOf('recordings'), name!)));
  expect(wav.pcm[0]!.length / wav.sampleRateHz).toBeGreaterThan(10);
  expect(wav.pcm[0]!.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)).toBeGreaterThan(3_000);
  const text = name!.replace('.wav', '.txt');
  await page.getByText(`${text} is saved with the recording.`).waitFor();
  expect(await faultsInAllLooks(page, 'microphone-text-saved')).toEqual([]);
  const beside = path.join(offhook.fileOf('recordings'), text);
  const lines = readFileSync(beside, 'utf8').trim().split('\n');
  expect(lines.map((line) => line.replace(/^\[\d\d:\d\d-\d\d:\d\d\] /u, ''))).toEqual([
    'I would like to ask about an invoice.',
    'What are your opening hours?',
    'Thank you, that is all.',
  ]);
  const starts = lines.map((line) => Number(/^\[00:(\d\d)/u.exec(line)![1]));
  // A busy machine's fake microphone starts late: what counts is where the words are in the recording.
  const onsets = speechOnsets(wav.pcm[0]!, wav.sampleRateHz);
  expect(onsets).toHaveLength(starts.length);
  onsets.forEach((second, index) => expect(Math.abs(starts[index]! - second)).toBeLessThan(1.5));

  await page.goto(`${offhook.url}/recordings`);
  const player = page.getByLabel(`Play ${name}`);
  const facts = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: name! }) });
  await facts.waitFor();
  expect(await facts.textContent()).toMatch(/·\s+\d\d:\d\d\s+·\s+\d+(\.\d)? [kM]B/u);
  const createdAt = await facts.getByRole('time').first().getAttribute('datetime');
  expect(Math.abs(Date.parse(createdAt!) - Date.now())).toBeLessThan(600_000);
  await player.evaluate((audio: Player) => audio.play());
  await comesTrue('it plays', () => player.evaluate((audio: Player) => audio.currentTime > 0.2));
  expect(await faultsInAllLooks(page, 'recordings-listed')).toEqual([]);
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: `Download ${name}` }).click(),
  ]);
  expect(readFileSync(await file.path()).length).toBe(
    statSync(path.join(offhook.fileOf('recordings'), name!)).size,
  );
  await page.getByLabel('Words said').fill('opening hours');
  await press(page, 'Search');
  await page.getByRole('button', { name: `in ${name}` }).click();
  await comesTrue('it plays at the hit', () =>
    player.evaluate((audio: Player) => audio.currentTime > 3 && audio.currentTime < 14),
  );
  expect(await faultsInAllLooks(page, 'recordings-found')).toEqual([]);
  await page.goto(`${offhook.url}/calls?q=opening+hours&type=microphone`);
  await page.getByRole('list', { name: 'Turns found' }).getByText(name!).click();
  await page.waitForURL(/\/recordings\?play=/u);
  const again = page.getByLabel(`Play ${name}`);
  await comesTrue('it stands at the hit', () => again.evaluate((audio: Player) => audio.currentTime > 3));
  const [opened] = await Promise.all([
    page.context().waitForEvent('page'),
    page.getByRole('link', { name: `Transcript of ${name}` }).click(),
  ]);
  await opened.getByText('What are your opening hours?').waitFor();
  await opened.close();
  await press(page, `Delete ${name}`);
  await press(page, 'Delete permanently');
  await page.getByText(`${name} has been deleted.`).waitFor();
  expect(saved()).toEqual([]);
  expect(existsSync(beside)).toBe(false);
  expect(errors).toEqual([]);
});

it('transcribes in parts of the chosen length', async () => {
  const page = await browser.context.newPage();
  const sent: string[] = [];
  const received: string[] = [];
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => sent.push(String(payload)));
    socket.on('framereceived', ({ payload }) => received.push(String(payload)));
  });
  await page.goto(offhook.url);
  const choice = page.getByLabel('Text appears');
  expect(await choice.locator('option').allInnerTexts()).toEqual([
    'live, as it is said',
    'every 2 seconds',
    'every 5 seconds',
  ]);
  await page.getByLabel('Transcribe').uncheck();
  await page.getByLabel('Text appears').and(page.locator(':disabled')).waitFor();
  await page.getByLabel('Transcribe').check();
  await choice.selectOption('every 2 seconds');
  expect(await faultsInAllLooks(page, 'microphone-parts')).toEqual([]);
  await press(page, 'Start recording');
  await comesTrue('a part is transcribed', () => received.some((one) => one.includes('"transcription"')));
  await press(page, 'Stop recording');
  await page.getByText('Saved', { exact: true }).waitFor();
  const start = sent.find((one) => one.includes('"start"'));
  expect(JSON.parse(start!)).toMatchObject({ type: 'start', chunkSeconds: 2 });
  const texts = received
    .map((one) => JSON.parse(one) as { type: string; startMs: number; endMs: number })
    .filter(({ type }) => type === 'transcription');
  for (const { startMs, endMs } of texts) expect(endMs - startMs).toBeLessThanOrEqual(2_000);
  const pieces = sent
    .map((one) => JSON.parse(one) as { type: string; audio?: string })
    .flatMap(({ type, audio }) => (type === 'audio' && audio ? [Buffer.from(audio, 'base64').length] : []));
  expect(pieces.length).toBeGreaterThan(50);
  // A second of 48 kHz; it begins with what was recorded before the connection was open.
  expect(Math.max(...pieces)).toBeLessThanOrEqual(96_000);
  expect(received.some((one) => one.includes('"partial"'))).toBe(false);
  await page.close();
  await fetch(`${offhook.url}/recordings/${saved().at(-1)!}`, { method: 'DELETE' });
});

it('shows fifty recordings at a time', async () => {
  const many = await Offhook.start(
    {},
    {
      pages: builtPages(),
      prepare: async (directory) => {
        await mkdir(path.join(directory, 'recordings'));
        for (let count = 1; count <= 120; count += 1)
          await writeFile(
            path.join(directory, 'recordings', `recording_20260101_120000_${count}.wav`),
            writeWav(new Int16Array(800), 8_000),
          );
      },
    },
  );
  const page = await browser.context.newPage();
  await page.goto(`${many.url}/recordings`);
  await page.getByText('120 recordings').waitFor();
  const names = page.getByRole('heading', { level: 2 });
  expect(await names.count()).toBe(50);
  expect(await names.first().textContent()).toBe('recording_20260101_120000_120.wav');
  expect(await faultsInAllLooks(page, 'recordings-many')).toEqual([]);
  await press(page, 'More (70)');
  await comesTrue('more are shown', async () => (await names.count()) === 100);
  await press(page, 'More (20)');
  await comesTrue('all are shown', async () => (await names.count()) === 120);
  await page.getByRole('button', { name: /^More/u }).waitFor({ state: 'detached' });
  await page.close();
  await many.close();
});

it('View recordings shows them in place; they are renamed there, and refusals stand beside their button', async () => {
  const names = ['recording_20260101_120000.wav', 'recording_20260101_120001.wav'];
  const prepare = async (directory: string): Promise<void> => {
    await mkdir(path.join(directory, 'recordings'));
    for (const name of names)
      await writeFile(path.join(directory, 'recordings', name), writeWav(new Int16Array(8_000), 8_000));
    await writeFile(path.join(directory, 'recordings', names[0]!.replace('.wav', '.txt')), 'Hello.');
  };
  const few = await Offhook.start({}, { catalogue: true, pages: builtPages(), prepare });
  const page = await browser.context.newPage();
  await page.goto(few.url);
  await press(page, 'View recordings');
  const card = (name: string) =>
    page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) });
  await card(names[0]!).waitFor();
  await press(page, 'Hide recordings');
  await card(names[0]!).waitFor({ state: 'detached' });
  await press(page, 'View recordings');
  await card(names[0]!).waitFor();
  expect(await page.getByRole('heading', { level: 2 }).filter({ hasText: '.wav' }).allTextContents()).toEqual(
    names.toReversed(),
  );

  await press(page, `Rename ${names[0]}`);
  await page.getByLabel('New name').fill(names[1]!);
  await press(page, 'Save name');
  await card(names[0]!).getByRole('alert').getByText('Another recording has this name.').waitFor();
  await page.getByLabel('New name').fill('../elsewhere');
  await press(page, 'Save name');
  await card(names[0]!).getByRole('alert').getByText('must end in').waitFor();
  expect(await faultsInAllLooks(page, 'microphone-recordings')).toEqual([]);
  await page.getByLabel('New name').fill('Größe (first try)');
  await press(page, 'Save name');
  await card('Größe (first try).wav')
    .getByRole('link', { name: /^Transcript/u })
    .waitFor();
  expect(
    readdirSync(few.fileOf('recordings'))
      .filter((name) => !name.startsWith('.'))
      .sort(),
  ).toEqual(['Größe (first try).txt', 'Größe (first try).wav', names[1]!].sort());

  await page.route('**/recordings/*', (route) =>
    route.request().method() === 'DELETE'
      ? route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"detail":"Not now."}' })
      : route.continue(),
  );
  await press(page, `Delete ${names[1]}`);
  await press(page, 'Delete permanently');
  await card(names[1]!).getByRole('alert').getByText('Not now.').waitFor();
  await page.close();
  await few.close();
});

it('on a nearly full disk says at the start that recordings cannot be saved, and refuses them with 507', async () => {
  const full = await Offhook.start(
    { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: openAi.url, DISK_RESERVE_MB: '1000000000' },
    { pages: builtPages() },
  );
  const page = await browser.context.newPage();
  await page.goto(full.url);
  await press(page, 'Start recording');
  const notice = page.getByText(/nearly full: [\d,]+ MB are free, and 1,000,000,000 MB are kept for calls/u);
  await notice.waitFor();
  await comesTrue('something is recorded', async () =>
    /00:0[1-9]/u.test((await page.getByRole('timer').textContent()) ?? ''),
  );
  const refused = page.waitForResponse('**/save_recording');
  await press(page, 'Stop recording');
  expect((await refused).status()).toBe(507);
  await page.getByRole('alert').getByText('Recordings cannot be saved until space is freed.').waitFor();
  await page.getByRole('button', { name: 'Download' }).first().waitFor();
  expect(readdirSync(full.fileOf('recordings')).filter((name) => NAME.test(name))).toEqual([]);
  await page.close();
  await full.close();
});

it('says that a recording is not saved until it is', async () => {
  const page = await browser.context.newPage();
  let full = true;
  await page.route('**/save_recording', (route) =>
    full
      ? route.fulfill({ status: 507, contentType: 'application/problem+json', body: '{"detail":"No room."}' })
      : route.continue(),
  );
  await page.goto(offhook.url);
  await press(page, 'Start recording');
  await page.getByRole('button', { name: 'Stop recording' }).waitFor();
  await comesTrue('something is recorded', async () =>
    /00:0[1-9]/u.test((await page.getByRole('timer').textContent()) ?? ''),
  );
  await press(page, 'Stop recording');
  await page.getByText('No room.').waitFor();
  full = false;
  await press(page, 'Save again');
  await page.getByText('Saved', { exact: true }).waitFor();
  expect(await page.getByText('No room.').count()).toBe(0);
  await page.close();
});

it('without a transcription service names the setting, and still records', async () => {
  const keyless = await Offhook.start({}, { pages: builtPages() });
  const page = await browser.context.newPage();
  await page.goto(keyless.url);
  await page.getByText('set OPENAI_API_KEY').waitFor();
  await press(page, 'Start recording');
  await page.getByText('Transcription is off.').waitFor();
  await page.getByText('set OPENAI_API_KEY').waitFor();
  await comesTrue('something is recorded', async () =>
    /00:0[1-9]/u.test((await page.getByRole('timer').textContent()) ?? ''),
  );
  await press(page, 'Stop recording');
  await page.getByText('Saved', { exact: true }).waitFor();
  expect(readdirSync(keyless.fileOf('recordings')).filter((name) => NAME.test(name))).toHaveLength(1);
  await page.close();
  await keyless.close();
});
