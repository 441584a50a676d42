import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { readAllScenarios } from '../../src/replay/scenario.ts';
import { startStandInOpenAi, type StandInOpenAi } from '../../src/replay/stand-in-openai.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { builtPages } from '../support/built-pages.ts';
import { comesTrue } from '../support/comes-true.ts';
import { soxDecode } from '../support/decoders.ts';
import { findPieces, piecesOf } from '../support/heard-pieces.ts';
import { microphoneFile } from '../support/microphone-file.ts';
import { Offhook } from '../support/offhook.ts';
import { troublesOf } from '../support/page-faults.ts';
import { tapped, tapSound } from '../support/sound-tap.ts';

/** When the microphone hears what, after it was opened; the assistant answers in between, and is interrupted once. */
const SAID = [
  { atMs: 7_000, speech: 'caller-what-are-your-opening-hours' },
  { atMs: 15_000, speech: 'caller-sorry-i-only-need-saturday' },
  { atMs: 23_500, speech: 'caller-thank-you-that-is-all' },
];
const LENGTH_MS = 60_000;
/** Without network delay. */
const BOUND_MS = 20;
const LEAST_CORRELATION = 0.9;
const FLOOR = 200;

let openAi: StandInOpenAi;
let offhook: Offhook;
beforeAll(async () => {
  openAi = await startStandInOpenAi({ scenarios: readAllScenarios() });
  const services = { OPENAI_API_KEY: 'x', OPENAI_BASE_URL: openAi.url };
  const sound = { DEFAULT_AUDIO_FORMAT: 'wav', RECORDING_CHANNELS: 'stereo' };
  offhook = await Offhook.start({ ...services, ...sound }, { catalogue: true, pages: await builtPages() });
}, 120_000);
afterAll(async () => {
  await offhook.close();
  await openAi.close();
});

const state = (page: Page) => page.getByRole('status').first();
const callSidOf = async (page: Page): Promise<string> =>
  (await page.getByRole('link', { name: /Recording and transcript/ }).getAttribute('href'))!.slice(
    '/calls/'.length,
  );

describe('a call from the browser', () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await startBrowser({ microphone: microphoneFile(offhook.directory, SAID, LENGTH_MS) });
    await tapSound(browser.context);
  });
  afterAll(() => browser.close());

  it('talks with the assistant, interrupts it, hangs up; its files are what the page heard and played', async () => {
    const page = await browser.context.newPage();
    const troubles = troublesOf(page);
    await page.goto(`${offhook.url}/phone`);
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    const log = page.getByRole('log');
    await log.getByText('What are your opening hours?').waitFor();
    await log.getByText('Sorry, I only need Saturday.').waitFor();
    await log.getByText('Thank you, that is all.').waitFor({ timeout: 40_000 });
    await log.getByText('You are welcome. Goodbye.').waitFor();
    await comesTrue('the assistant has said goodbye', async () =>
      /Listening/.test((await state(page).textContent()) ?? ''),
    );
    await page.getByRole('button', { name: 'Hang up' }).click();
    const callSid = await callSidOf(page);
    const { microphone, speaker, latencyMs } = await tapped(page);
    await offhook.finished(callSid);

    const json = offhook.json(callSid);
    expect(troubles).toEqual([]);
    expect(json.figures.interruptions).toBe(1);
    const lines = offhook
      .transcript(callSid)
      .trim()
      .split('\n')
      .map((line) => line.slice('[00:00.000] '.length));
    console.log(lines, latencyMs);
    const samples = soxDecode(offhook.fileOf(json.audio!.file));
    const side = (channel: number): Int16Array =>
      Int16Array.from({ length: samples.length / 2 }, (_, i) => samples[2 * i + channel]!);
    const [caller, assistant] = [side(0), side(1)];
    const offsetMs = (piecesOf(caller, FLOOR)[0]!.from - piecesOf(microphone, FLOOR)[0]!.from) / 8;
    const said = findPieces(microphone, caller, offsetMs, FLOOR);
    const callerMs = offsetMs + said[0]!.lagMs;
    const heard = findPieces(speaker, assistant, callerMs + latencyMs, FLOOR);
    console.log(offsetMs, said, heard);
    for (const { correlation } of [...said, ...heard]) expect(correlation).toBeGreaterThan(LEAST_CORRELATION);
    for (const { lagMs, endErrorMs } of heard) {
      expect(Math.abs(lagMs)).toBeLessThanOrEqual(BOUND_MS);
      expect(Math.abs(endErrorMs)).toBeLessThanOrEqual(BOUND_MS);
    }
  }, 120_000);
});
