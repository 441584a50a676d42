import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { faultsInAllLooks } from '../support/all-looks.ts';
import { type BrowserOptions, startBrowser, type TestBrowser } from '../support/browser.ts';
import { builtPages } from '../support/built-pages.ts';
import { comesTrue } from '../support/comes-true.ts';
import { breakableConnection } from '../support/breakable-connection.ts';
import { microphoneFile } from '../support/microphone-file.ts';
import type { Player } from '../support/page-faults.ts';
import { Offhook } from '../support/test-server.ts';
import { soxDecode } from '../support/tool-decoders.ts';

const PASSWORD = 'a long password for tests';
const NAME = 'offhook.test';
/** Nothing but speech is. */
const LOUD = 1_000;

/** No key: the answering machine. */
let offhook: Offhook;
const browsers: TestBrowser[] = [];
beforeAll(async () => {
  offhook = await Offhook.start(
    { DEFAULT_AUDIO_FORMAT: 'wav', RECORDING_CHANNELS: 'stereo' },
    { catalogue: true, pages: builtPages() },
  );
});
afterEach(async () => {
  for (const browser of browsers.splice(0)) await browser.close();
});
afterAll(() => offhook.close());

async function pageIn(options: BrowserOptions, address: string): Promise<Page> {
  const browser = await startBrowser(options);
  browsers.push(browser);
  const page = await browser.context.newPage();
  await page.goto(address);
  return page;
}

const phoneIn = (options: BrowserOptions, url = offhook.url) => pageIn(options, `${url}/phone`);

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const inCall = (page: Page) => page.getByRole('button', { name: 'Hang up', disabled: false }).waitFor();
const alert = (page: Page) => page.getByRole('alert').first();

/** One word is said while the microphone is muted, the others again and again. */
const WORDS = [4_000, 14_000, 22_000, 30_000, 38_000, 46_000].map((atMs) => ({
  atMs,
  speech: 'caller-my-name-is-peter-collins',
}));
/** The call's time runs from when the server knows it, the recording's from its first frame. */
const BEFORE_FIRST_FRAME_MS = 1_500;

it('calls the answering machine without an API key: keys are received, Mute mutes, the call leaves its files', async () => {
  const page = await phoneIn({ microphone: microphoneFile(offhook.directory, WORDS, 60_000) });
  const timer = page.getByRole('timer');
  const elapsedMs = async (): Promise<number> => {
    const [minutes, seconds] = (await timer.textContent())!.split(':').map(Number);
    return (minutes! * 60 + seconds!) * 1_000;
  };
  await press(page, 'Call');
  await inCall(page);
  await press(page, 'Mute');
  await page.getByText('you are muted').waitFor();
  for (const key of ['4', '*', '#']) await press(page, `Keypad ${key}`);
  await page.keyboard.press('7');
  const log = page.getByRole('log');
  for (const key of ['4', '*', '#', '7']) await log.getByText(`[pressed ${key}]`).waitFor();
  await comesTrue('the first word is over', async () => (await elapsedMs()) >= 7_000);
  expect(await faultsInAllLooks(page, 'phone-in-call')).toEqual([]);
  const unmutedMs = await elapsedMs();
  await press(page, 'Mute');
  const level = page.getByRole('meter', { name: 'Microphone level' });
  const isLoud = async (): Promise<boolean> => Number(await level.getAttribute('aria-valuenow')) > -35;
  await comesTrue('the next word is heard', isLoud);
  await press(page, 'Hang up');
  await page.getByText('The call has ended').waitFor();
  const link = await page.getByRole('link', { name: /Recording and transcript/ }).getAttribute('href');
  const callSid = link!.slice('/calls/'.length);
  await offhook.finished(callSid);
  expect(
    offhook.json(callSid).turns.filter(({ speaker, kind }) => speaker === 'caller' && kind === 'keys'),
  ).toHaveLength(4);
  const samples = soxDecode(offhook.fileOf(offhook.json(callSid).audio!.file));
  const firstLoudMs = (side: 0 | 1): number =>
    samples.findIndex((sample, at) => at % 2 === side && Math.abs(sample) > LOUD) / 16;
  expect(firstLoudMs(1)).toBeGreaterThan(0);
  expect(firstLoudMs(1)).toBeLessThan(unmutedMs);
  expect(firstLoudMs(0)).toBeGreaterThan(unmutedMs - BEFORE_FIRST_FRAME_MS);
  expect(await faultsInAllLooks(page, 'phone-after')).toEqual([]);
});

it('without a microphone says what to do, and does not call', async () => {
  const page = await phoneIn({ microphone: 'none' });
  await press(page, 'Call');
  await comesTrue('it is said', async () =>
    /No microphone was found\. Plug one in/.test((await alert(page).textContent())!),
  );
  expect(await page.getByRole('button', { name: 'Call', exact: true }).isEnabled()).toBe(true);
  expect((await offhook.health())['activeCalls']).toBe(0);
});

it('with a blocked microphone says where to allow it', async () => {
  const page = await phoneIn({ microphone: 'refused' });
  await press(page, 'Call');
  await comesTrue('it is said', async () =>
    /icon to the left of the address/.test((await alert(page).textContent())!),
  );
});

describe('the microphone page', () => {
  it.each([
    ['none', /No microphone was found\. Plug one in/],
    ['refused', /icon to the left of the address/],
  ] as const)(
    'with the microphone: %s, says what to do, and records nothing',
    async (microphone, sentence) => {
      const page = await pageIn({ microphone }, `${offhook.url}/`);
      await press(page, 'Start recording');
      await comesTrue('it is said', async () => sentence.test((await alert(page).textContent()) ?? ''));
      await page.getByText('Ready to record').waitFor();
      expect(await faultsInAllLooks(page, `microphone-${microphone}`)).toEqual([]);
    },
  );
});

describe('the desk', () => {
  it.each([
    ['none', /No microphone was found\. Plug one in/],
    ['refused', /icon to the left of the address/],
  ] as const)('with the microphone: %s, says what to do at its test', async (microphone, sentence) => {
    const page = await pageIn({ microphone }, `${offhook.url}/calls`);
    await page.getByText('Test your microphone').click();
    await press(page, 'Test 5s recording');
    await page.getByRole('alert').getByText(sentence).waitFor();
  });
});

it('on an insecure origin says which address to open instead', async () => {
  const guarded = await Offhook.start({ ADMIN_PASSWORD: PASSWORD }, { pages: builtPages() });
  try {
    const url = guarded.url.replace('127.0.0.1', NAME);
    const page = await phoneIn({ name: NAME }, url);
    await page.getByLabel('Password').fill(PASSWORD);
    await press(page, 'Log in');
    await page.waitForURL(`${url}/phone`);
    await press(page, 'Call');
    await comesTrue('it is said', async () =>
      ((await alert(page).textContent()) ?? '').includes(`http://localhost:${new URL(url).port}/phone`),
    );
  } finally {
    await guarded.close();
  }
});

it('reports a broken connection, and can call again', async () => {
  const page = await phoneIn({});
  const line = await breakableConnection(page, /\/phone\/stream$/u);
  await page.reload();
  await press(page, 'Call');
  await inCall(page);
  line.cut();
  await comesTrue('it is said', async () => /The connection broke/.test((await alert(page).textContent())!));
  await press(page, 'Call');
  await inCall(page);
  expect(await page.getByRole('alert').count()).toBe(0);
  await press(page, 'Hang up');
});

it('a test recording is saved, rated, drawn and played; a silent microphone is detected', async () => {
  const loud = await phoneIn({
    microphone: microphoneFile(
      offhook.directory,
      [{ atMs: 500, speech: 'caller-my-name-is-peter-collins' }],
      20_000,
    ),
  });
  await press(loud, 'Test 5s recording');
  await loud.getByText('The microphone works.').waitFor();
  const player = loud.getByLabel('Test recording', { exact: true });
  await comesTrue('it can be played', () =>
    player.evaluate<boolean, Player>(({ duration }) => duration > 4.5),
  );
  await press(loud, 'Play test audio');
  await comesTrue('it plays', () => player.evaluate<boolean, Player>(({ currentTime }) => currentTime > 0.2));
  expect(await loud.locator('.waveform canvas').count()).toBeGreaterThan(0);
  expect(await faultsInAllLooks(loud, 'phone-sound-test')).toEqual([]);

  const silent = await phoneIn({ microphone: microphoneFile(offhook.directory, [], 20_000) });
  await press(silent, 'Test 5s recording');
  await silent.getByText('No sound was recorded.').waitFor();
});

it('the desk has the test recording too, and plays it', async () => {
  const microphone = microphoneFile(
    offhook.directory,
    [{ atMs: 500, speech: 'caller-my-name-is-peter-collins' }],
    20_000,
  );
  const page = await phoneIn({ microphone });
  await page.goto(`${offhook.url}/calls`);
  await page.getByText('Test your microphone').click();
  await press(page, 'Test 5s recording');
  await page.getByText('The microphone works.').waitFor();
  await press(page, 'Play test audio');
  const player = page.getByLabel('Test recording', { exact: true });
  await comesTrue('it plays', () => player.evaluate<boolean, Player>(({ currentTime }) => currentTime > 0.2));
  expect(await faultsInAllLooks(page, 'desk-sound-test')).toEqual([]);
});
