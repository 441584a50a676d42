import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decodeMulaw } from '../../src/audio/mulaw.ts';
import { readWav } from '../../src/audio/wav/wav.ts';
import type { TranscriptTurn } from '../../src/records/text/transcript.ts';
import { readAllScenarios, readScenario, type ScenarioStep } from '../../src/simulator/fixtures/scenario.ts';
import { newSid, startCall } from '../../src/simulator/phone/simulated-phone.ts';
import { type FakeOpenAi, startFakeOpenAi } from '../doubles/fake-openai.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { faultsInAllLooks } from '../support/all-looks.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { builtPages } from '../support/built-pages.ts';
import { comesTrue } from '../support/comes-true.ts';
import { breakableConnection } from '../support/breakable-connection.ts';
import { microphoneFile } from '../support/microphone-file.ts';
import { troublesOf } from '../support/page-faults.ts';
import { Offhook } from '../support/test-server.ts';

/** Set it to a folder to look at what was seen. */
const SCREENSHOTS = process.env['SCREENSHOTS'];
const ASKS: ScenarioStep = {
  do: 'speak',
  audio: 'caller-i-would-like-to-ask',
  when: { afterAssistantQuietMs: 600 },
};
const WAITS: ScenarioStep = { do: 'wait', ms: 90_000 };
/** From when the microphone is opened. */
const OPERATOR_SPEAKS = [{ atMs: 2_500, speech: 'caller-thank-you-that-is-all' }];
const OPERATORS_WORDS = /thank you, that is all/iu;
const GUIDANCE = 'Mention that parking is free.';
const CALLER_SPEAKS = [{ atMs: 7_000, speech: 'caller-what-are-your-opening-hours' }];

const folder = mkdtempSync(path.join(tmpdir(), 'offhook-desk-'));
let openAi: FakeOpenAi;
let offhook: Offhook;
let browser: TestBrowser;
beforeAll(async () => {
  openAi = await startFakeOpenAi({ scenarios: readAllScenarios() });
  const services = { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: openAi.url };
  const sound = { DEFAULT_AUDIO_FORMAT: 'flac', RECORDING_CHANNELS: 'stereo' };
  offhook = await Offhook.start({ ...services, ...sound }, { catalogue: true, pages: builtPages() });
  browser = await startBrowser({ microphone: microphoneFile(folder, OPERATOR_SPEAKS, 60_000) });
});
afterAll(async () => {
  await browser.close();
  await offhook.close();
  await openAi.close();
  rmSync(folder, { recursive: true, force: true });
});

function call(...steps: ScenarioStep[]) {
  const callSid = newSid('CA');
  const scenario = { ...readScenario('conversation'), steps };
  return { callSid, simulated: startCall({ baseUrl: offhook.url, callSid, ...scenarioCall(scenario) }) };
}

async function deskPage(from: TestBrowser = browser): Promise<{ page: Page; errors: readonly string[] }> {
  const page = await from.context.newPage();
  const errors = troublesOf(page);
  await page.goto(`${offhook.url}/calls`);
  await page.getByRole('status', { name: 'The desk' }).getByText('Connected.').waitFor();
  return { page, errors };
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const openedState = (page: Page, words: string | RegExp) =>
  page.getByRole('status', { name: 'State of the open call' }).getByText(words).waitFor();
const said = (page: Page, speaker: TranscriptTurn['speaker'], words: RegExp) =>
  page.getByRole('log').locator(`.turn.${speaker}`).filter({ hasText: words }).first().waitFor();

async function isLoud(page: Page, meter: string): Promise<void> {
  const level = page.getByRole('meter', { name: meter });
  await comesTrue(`${meter} is heard`, async () => Number(await level.getAttribute('aria-valuenow')) > -35);
}

function loudestDuring(side: Int16Array, { startMs, endMs }: TranscriptTurn): number {
  const samples = side.subarray(startMs * 8, endMs * 8);
  return samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
}

/** In the transcript and, each on its own side, in the recording; gives the operator's turn. */
function threeSpeakersRemain(callSid: string, callersWords: RegExp): TranscriptTurn {
  const { turns } = offhook.json(callSid);
  const turnOf = (speaker: TranscriptTurn['speaker']) => turns.find((turn) => turn.speaker === speaker)!;
  const operator = turnOf('operator');
  expect(operator.text).toMatch(OPERATORS_WORDS);
  expect(turnOf('caller').text).toMatch(callersWords);
  expect(offhook.transcript(callSid)).toContain(`] Operator: ${operator.text}`);
  const [left, right] = readWav(readFileSync(offhook.fileOf(`call_${callSid}_conversation.wav`))).pcm;
  expect(loudestDuring(left!, turnOf('caller'))).toBeGreaterThan(2_000);
  expect(loudestDuring(right!, turnOf('assistant'))).toBeGreaterThan(2_000);
  expect(loudestDuring(right!, operator)).toBeGreaterThan(2_000);
  return operator;
}

it('shows a live call, lets an operator listen, take over, speak and hand back; all three are in the files', async () => {
  const { page, errors } = await deskPage();
  const { callSid, simulated } = call(ASKS, WAITS);
  await button(page, 'Open').click();
  await button(page, 'Listen').click();
  await isLoud(page, 'Sound of the call');
  await said(page, 'assistant', /help you/u);
  await said(page, 'caller', /I would like to ask/u);
  await page.getByRole('combobox', { name: /^Format of the recording/u }).selectOption('wav');

  await button(page, 'Take over').click();
  await openedState(page, 'Operator, held by you');
  await isLoud(page, 'Your microphone');
  await said(page, 'operator', OPERATORS_WORDS);
  expect(await faultsInAllLooks(page, 'desk-open')).toEqual([]);
  await button(page, 'Hand back').click();
  await openedState(page, /^(Listening|Thinking|Speaking)$/u);
  await page.getByLabel('Tell the assistant').fill('The caller is a friend.');
  await button(page, 'Send').click();
  await button(page, 'Hang up').click();
  await openedState(page, 'The call has ended.');
  const report = await simulated.report;
  await offhook.finished(callSid);

  const operator = threeSpeakersRemain(callSid, /I would like to ask/u);
  const played = decodeMulaw(report.streams[0]!.playedAssistant);
  expect(loudestDuring(played, operator)).toBeGreaterThan(2_000);

  const past = page.getByRole('list', { name: 'Past calls' }).getByRole('link');
  await comesTrue('it is among the past calls', async () =>
    (await past.allTextContents()).some((text) => text.includes('Conversation')),
  );
  expect(errors).toEqual([]);
  await page.close();
});

it('instructions for the assistant are used in its next reply only', async () => {
  const { page } = await deskPage();
  const asksAgain: ScenarioStep = {
    do: 'speak',
    audio: 'caller-what-are-your-opening-hours',
    when: { afterAssistantQuietMs: 4_000 },
  };
  const { callSid, simulated } = call(ASKS, asksAgain, WAITS);
  await button(page, 'Open').click();
  await said(page, 'assistant', /invoice number/u);
  await page.getByRole('img', { name: /^After the last word: .*turn over .*heard \d\.\d\d s$/u }).waitFor();
  const before = openAi.requests.length;
  await page.getByLabel('Tell the assistant').fill(GUIDANCE);
  await button(page, 'Send').click();
  await page.getByRole('list', { name: 'Sent to the assistant' }).getByText(GUIDANCE).waitFor();
  await page.getByText('The model may read it out').waitFor();
  await said(page, 'assistant', /We are open/u);
  const asked = openAi.requests.filter(({ service }) => service === 'chat').map(({ body }) => body);
  expect(JSON.stringify(asked.at(-1))).toContain(GUIDANCE);
  expect(JSON.stringify(openAi.requests.slice(0, before).map(({ body }) => body))).not.toContain(GUIDANCE);
  simulated.hangUp('caller');
  await simulated.report;
  await offhook.finished(callSid);
  expect(offhook.transcript(callSid)).not.toContain(GUIDANCE);
  await page.close();
});

it('an operator whose connection drops returns to the call and continues to speak', async () => {
  const page = await browser.context.newPage();
  const connection = await breakableConnection(page, /\/calls\/live/u);
  await page.goto(`${offhook.url}/calls`);
  const { callSid, simulated } = call(WAITS);
  await button(page, 'Open').click();
  await button(page, 'Take over').click();
  await openedState(page, 'Operator, held by you');
  const desk = page.getByRole('status', { name: 'The desk' });
  connection.down();
  await desk.getByText('Connected.').waitFor({ state: 'hidden' });
  connection.up();
  await desk.getByText('Connected.').waitFor();
  await openedState(page, 'Operator, held by you');
  await said(page, 'operator', OPERATORS_WORDS);
  simulated.hangUp('caller');
  await openedState(page, 'The call has ended.');
  await simulated.report;
  await offhook.finished(callSid);
  expect(offhook.transcript(callSid)).toMatch(/\] Operator: Thank you, that is all/u);
  await page.close();
});

it('lets only one of two browsers hold a call, and hands it back 5 s after that one died', async () => {
  const dying = await startBrowser();
  const [{ page: holder }, { page: other, errors }] = await Promise.all([deskPage(dying), deskPage()]);
  const { simulated } = call(WAITS);
  await Promise.all([holder, other].map((page) => button(page, 'Open').click()));
  await button(holder, 'Take over').click();
  await openedState(holder, 'Operator, held by you');
  await openedState(other, 'Operator, held by another operator');
  expect(await button(other, 'Take over').isDisabled()).toBe(true);
  expect(await button(other, 'Hang up').isDisabled()).toBe(true);
  if (SCREENSHOTS) await other.screenshot({ path: path.join(SCREENSHOTS, 'desk-held.png'), fullPage: true });

  const diedAt = performance.now();
  await dying.close();
  await openedState(other, /^(Greeting|Listening|Thinking|Speaking)$/u);
  expect(performance.now() - diedAt).toBeGreaterThan(4_500);
  await button(other, 'Take over').click();
  await openedState(other, 'Operator, held by you');
  simulated.hangUp('caller');
  await openedState(other, 'The call has ended.');
  await simulated.report;
  expect(errors).toEqual([]);
  await other.close();
});

it('leaves a call with the assistant if there is no microphone for a take-over, and says what to do', async () => {
  const deaf = await startBrowser({ microphone: 'none' });
  const { page } = await deskPage(deaf);
  const { simulated } = call(WAITS);
  await button(page, 'Open').click();
  await button(page, 'Take over').click();
  await page
    .getByRole('alert')
    .getByText(/microphone/u)
    .waitFor();
  await openedState(page, /^(Greeting|Listening|Speaking)$/u);
  simulated.hangUp('caller');
  await simulated.report;
  await deaf.close();
});

it('connects a caller in one browser with an operator in another', async () => {
  const calling = await startBrowser({
    microphone: microphoneFile(offhook.directory, CALLER_SPEAKS, 60_000),
  });
  const { page: desk, errors } = await deskPage();
  const phone = await calling.context.newPage();
  await phone.goto(`${offhook.url}/phone`);
  await button(phone, 'Call').click();
  await button(desk, 'Open').click();
  await desk.getByRole('combobox', { name: /^Format of the recording/u }).selectOption('wav');
  await said(desk, 'caller', /opening hours/u);
  await button(desk, 'Take over').click();
  await openedState(desk, 'Operator, held by you');
  await said(desk, 'operator', OPERATORS_WORDS);
  await said(phone, 'operator', OPERATORS_WORDS);
  await button(desk, 'Hand back').click();
  await openedState(desk, /^(Listening|Thinking|Speaking)$/u);
  await button(phone, 'Hang up').click();
  await openedState(desk, 'The call has ended.');
  const files = desk.getByRole('link', { name: 'Recording and transcript' });
  const callSid = (await files.getAttribute('href'))!.slice('/calls/'.length);
  await offhook.finished(callSid);
  threeSpeakersRemain(callSid, /opening hours/u);
  expect(errors).toEqual([]);
  await desk.close();
  await calling.close();
});
