import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readScenario } from '../../src/simulator/fixtures/scenario.ts';
import { newSid, startCall } from '../../src/simulator/phone/simulated-phone.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { faultsInAllLooks } from '../support/all-looks.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { builtPages } from '../support/built-pages.ts';
import { comesTrue } from '../support/comes-true.ts';
import { tapped, tapSound } from '../support/sound-tap.ts';
import { Offhook } from '../support/test-server.ts';

const LOUD = 500;

let offhook: Offhook;
let browser: TestBrowser;
beforeAll(async () => {
  const settings = { ANSWER_FIRST: 'desk', RING_DESK_SECONDS: '40' };
  offhook = await Offhook.start(settings, { catalogue: true, pages: builtPages() });
  browser = await startBrowser({ page: { bypassCSP: true } });
  await tapSound(browser.context);
});
afterAll(async () => {
  await browser.close();
  await offhook.close();
});

async function desk(): Promise<Page> {
  const page = await browser.context.newPage();
  await page.goto(`${offhook.url}/calls`);
  await page.getByText('Connected.').waitFor();
  return page;
}

function ringing() {
  const scenario = { ...readScenario('conversation'), steps: [{ do: 'wait' as const, ms: 60_000 }] };
  return startCall({ baseUrl: offhook.url, callSid: newSid('CA'), ...scenarioCall(scenario) });
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const titleIs = (page: Page, title: string): Promise<void> =>
  comesTrue(`the title is ${title}`, async () => (await page.title()) === title);
const rang = async (page: Page): Promise<boolean> =>
  (await page.evaluate<boolean>('window.soundTap !== undefined')) &&
  (await tapped(page)).speaker.some((sample) => Math.abs(sample) > LOUD);

it('a call that rings at the desk is audible, in the title and announced until an operator takes it over', async () => {
  const page = await desk();
  const simulated = ringing();
  await titleIs(page, '(1) Ringing · Calls · offhook');
  await page
    .locator('[aria-live=assertive]')
    .getByText(/^A call from \S+ is ringing\.$/u)
    .waitFor({ state: 'attached' });
  await comesTrue('it is heard', () => rang(page));
  expect(await faultsInAllLooks(page, 'desk-ringing')).toEqual([]);
  await button(page, 'Open').click();
  await button(page, 'Take over').click();
  await button(page, 'Hand back').waitFor();
  await titleIs(page, 'Calls · offhook');
  await button(page, 'Hang up').click();
  const files = page.getByRole('link', { name: 'Recording and transcript' });
  const address = (await files.getAttribute('href'))!;
  await simulated.report;
  await offhook.finished(address.slice('/calls/'.length));
  await page.goto(offhook.url + address);
  await page.getByText('An operator hung up').waitFor();
  await page.close();
});

it('without sound a ringing call is still visible, and the browser remembers the choice', async () => {
  const before = await desk();
  await before.getByLabel('Ring aloud').uncheck();
  await before.close();
  const page = await desk();
  expect(await page.getByLabel('Ring aloud').isChecked()).toBe(false);
  const simulated = ringing();
  await titleIs(page, '(1) Ringing · Calls · offhook');
  expect(await rang(page)).toBe(false);
  await page.getByLabel('Ring aloud').check();
  await comesTrue('it is heard', () => rang(page));
  await page.getByLabel('Calls may ring here').uncheck();
  await titleIs(page, 'Calls · offhook');
  simulated.hangUp('caller');
  await simulated.report;
  await page.close();
});
