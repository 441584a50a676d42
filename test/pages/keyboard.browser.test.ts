import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readScenario } from '../../src/simulator/fixtures/scenario.ts';
import { newSid, startCall } from '../../src/simulator/phone/simulated-phone.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { builtPages } from '../support/built-pages.ts';
import { sidOf } from '../support/catalogued-calls.ts';
import { comesTrue } from '../support/comes-true.ts';
import { Offhook } from '../support/test-server.ts';
import { leaveCalls } from '../support/written-calls.ts';

const CALL = { callSid: sidOf(1), from: '+49305550001', startedAtMs: Date.now() - 3_600_000 };

let offhook: Offhook;
let browser: TestBrowser;
beforeAll(async () => {
  const prepare = (directory: string) => leaveCalls(directory, [CALL], { channels: 'mono' });
  offhook = await Offhook.start({}, { catalogue: true, pages: builtPages(), prepare });
  browser = await startBrowser();
});
afterAll(async () => {
  await browser.close();
  await offhook.close();
});

async function open(address: string): Promise<Page> {
  const page = await browser.context.newPage();
  await page.goto(offhook.url + address);
  return page;
}

/** By keyboard alone. */
async function enter(page: Page, name: string | RegExp): Promise<void> {
  const button = page.getByRole('button', { name, exact: true, disabled: false }).first();
  await button.focus();
  await page.keyboard.press('Enter');
}

/** What has the focus, in words. */
const focused = (page: Page): Promise<string> =>
  page.evaluate<string>(
    `document.activeElement === document.body ? 'nothing' : document.activeElement.textContent.trim().replace(/\\s+/g, ' ')`,
  );
const leadsTo = (page: Page, words: string): Promise<void> =>
  comesTrue(`the focus is on ${words}`, async () => (await focused(page)) === words);

it('the phone: focus moves from Call to Hang up, and back', async () => {
  const page = await open('/phone');
  await enter(page, 'Call');
  await leadsTo(page, 'Hang up');
  await page.keyboard.press('Enter');
  await leadsTo(page, 'Call');
  await page.close();
});

it('the microphone: focus moves from Start recording to Stop recording, and back; from Delete to the next entry, then to the heading', async () => {
  const page = await open('/');
  for (const _ of [1, 2]) {
    await enter(page, 'Start recording');
    await leadsTo(page, 'Stop recording');
    await page.getByRole('timer').getByText('0:01').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('Saved', { exact: true }).waitFor();
    await leadsTo(page, 'Start recording');
  }
  await page.goto(`${offhook.url}/recordings`);
  const entries = page.getByRole('listitem').filter({ has: page.getByRole('button', { name: /^Delete/u }) });
  await entries.nth(1).waitFor();
  const remaining = await entries.nth(1).getByRole('heading').textContent();
  await enter(page, /^Delete recording/u);
  await leadsTo(page, 'Delete permanently');
  await page.keyboard.press('Enter');
  await leadsTo(page, `Delete ${remaining}`);
  await page.keyboard.press('Enter');
  await leadsTo(page, 'Delete permanently');
  await page.keyboard.press('Enter');
  await leadsTo(page, 'Recordings');
  await page.close();
});

it('the desk: focus moves from Take over to Hand back, and back; from Hang up to the rest of the call', async () => {
  const page = await open('/calls');
  await page.getByText('Connected.').waitFor();
  const scenario = { ...readScenario('conversation'), steps: [{ do: 'wait' as const, ms: 60_000 }] };
  const { report } = startCall({ baseUrl: offhook.url, callSid: newSid('CA'), ...scenarioCall(scenario) });
  await enter(page, 'Open');
  await enter(page, 'Take over');
  await leadsTo(page, 'Hand back');
  await page.keyboard.press('Enter');
  await leadsTo(page, 'Take over');
  await enter(page, 'Hang up');
  await leadsTo(page, 'Recording and transcript');
  await report;
  await page.close();
});

it('the page of a call: notes and holds keep the focus, Delete moves it to the message', async () => {
  const page = await open(`/calls/${CALL.callSid}`);
  await page.getByLabel('New note').fill('Called back.');
  await enter(page, 'Add note');
  await page.getByText('Called back.').waitFor();
  await leadsTo(page, 'Add note');
  await enter(page, 'Remove note');
  await leadsTo(page, 'Notes');
  await enter(page, 'Delete');
  await enter(page, 'Delete permanently');
  await page.getByText('The call and all its data have been deleted.').waitFor();
  await leadsTo(page, 'Call');
  expect(await focused(page)).toBe('Call');
  await page.close();
});

it('holding a key down deletes nothing', async () => {
  const page = await open('/');
  await enter(page, 'Start recording');
  await leadsTo(page, 'Stop recording');
  await page.keyboard.press('Enter');
  await leadsTo(page, 'Start recording');
  await page.goto(`${offhook.url}/recordings`);
  const button = page.getByRole('button', { name: /^Delete recording/u }).first();
  await button.focus();
  await page.keyboard.down('Enter');
  await leadsTo(page, 'Delete permanently');
  // The browser's own repeats.
  for (let repeat = 0; repeat < 3; repeat += 1) await page.keyboard.down('Enter');
  await page.keyboard.up('Enter');
  expect(await focused(page)).toBe('Delete permanently');
  await page.getByRole('button', { name: 'Keep' }).press('Enter');
  await leadsTo(page, (await button.textContent())!.trim().replace(/\s+/gu, ' '));
  await page.close();
});
