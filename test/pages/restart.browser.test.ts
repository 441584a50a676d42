import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readWav } from '../../src/audio/wav/wav.ts';
import { readAllScenarios, readScenario } from '../../src/simulator/fixtures/scenario.ts';
import { newSid, startCall } from '../../src/simulator/phone/simulated-phone.ts';
import { type FakeOpenAi, startFakeOpenAi } from '../doubles/fake-openai.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { builtPages } from '../support/built-pages.ts';
import { microphoneFile } from '../support/microphone-file.ts';
import { Offhook } from '../support/test-server.ts';

/** The second is said while there is no server, or while it comes back. */
const SAID = [
  { atMs: 1_500, speech: 'caller-i-would-like-to-ask' },
  { atMs: 4_500, speech: 'caller-what-are-your-opening-hours' },
  { atMs: 12_000, speech: 'caller-thank-you-that-is-all' },
];

let openAi: FakeOpenAi;
let offhook: Offhook;
let browser: TestBrowser;
beforeAll(async () => {
  openAi = await startFakeOpenAi({ scenarios: readAllScenarios() });
  offhook = await start();
  browser = await startBrowser({ microphone: microphoneFile(offhook.directory, SAID, 40_000) });
});
afterAll(async () => {
  await browser.close();
  await offhook.close();
  await openAi.close();
});

async function start(port = 0): Promise<Offhook> {
  const services = { OPENAI_API_KEY: 'x', OPENAI_BASE_URL: openAi.url };
  return Offhook.start(services, { catalogue: true, pages: builtPages(), port });
}

it('a recording continues without its server, and is transcribed completely once the server is back', async () => {
  const page = await browser.context.newPage();
  await page.goto(offhook.url);
  await page.getByRole('button', { name: 'Start recording' }).click();
  const log = page.getByRole('log');
  await log.getByText('I would like to ask about an invoice.').waitFor();
  const { port } = offhook;
  await offhook.close();
  await page.getByText('The connection broke.').waitFor();
  offhook = await start(port);
  await log.getByText('What are your opening hours?').waitFor();
  await log.getByText('Thank you, that is all.').waitFor();
  expect(await log.locator('.turn').count()).toBe(3);
  await page.getByRole('button', { name: 'Stop recording' }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  const folder = offhook.fileOf('recordings');
  const [name] = readdirSync(folder).filter((one) => one.endsWith('.wav'));
  const { pcm, sampleRateHz } = readWav(readFileSync(path.join(folder, name!)));
  expect(pcm[0]!.length / sampleRateHz).toBeGreaterThan(12);
  await page.close();
});

it('the desk reconnects when its server is back, and shows the next call', async () => {
  const page = await browser.context.newPage();
  await page.goto(`${offhook.url}/calls`);
  const connected = page.getByRole('status', { name: 'The desk' }).getByText('Connected.');
  await connected.waitFor();
  const { port } = offhook;
  await offhook.close();
  await connected.waitFor({ state: 'hidden' });
  offhook = await start(port);
  await connected.waitFor();
  const callSid = newSid('CA');
  const scenario = { ...readScenario('conversation'), steps: [{ do: 'wait', ms: 60_000 } as const] };
  const simulated = startCall({ baseUrl: offhook.url, callSid, ...scenarioCall(scenario) });
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await page
    .getByRole('log')
    .getByText(/help you/u)
    .waitFor();
  simulated.hangUp('caller');
  await simulated.report;
  await page.close();
});
