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

it('a ringing call is answered and declined by large buttons on its card, and by keys', async () => {
  const page = await desk();
  const answer = page.getByRole('button', { name: /^Answer the call from/u });
  const decline = page.getByRole('button', { name: /^Decline the call from/u });
  const state = page.getByRole('status', { name: 'State of the call' });
  const opened = page.getByRole('status', { name: 'State of the open call' });
  const files = page.getByRole('status', { name: 'Files of the call' });

  const byButton = ringing();
  for (const control of [answer, decline]) {
    const { width, height } = (await control.boundingBox())!;
    expect(Math.min(width, height)).toBeGreaterThanOrEqual(48);
  }
  await answer.click();
  await opened.getByText('Operator, held by you').waitFor();
  byButton.hangUp('caller');
  await files.getByText('are ready.').waitFor();
  const { callSid } = await byButton.report;
  expect(await files.getByRole('link').getAttribute('href')).toBe(`/calls/${callSid}`);
  await button(page, 'Close').click();

  const byKey = ringing();
  await answer.waitFor();
  await page.getByLabel('Words said').press('a');
  expect(await page.getByLabel('Words said').inputValue()).toBe('a');
  await button(page, 'Open').focus();
  await page.getByLabel('A answers, D declines').uncheck();
  await page.keyboard.press('a');
  expect(await opened.count()).toBe(0);
  await page.getByLabel('A answers, D declines').check();
  await page.keyboard.press('a');
  await opened.getByText('Operator, held by you').waitFor();
  byKey.hangUp('caller');
  await byKey.report;
  await button(page, 'Close').click();

  const declined = ringing();
  await decline.waitFor();
  await page.keyboard.press('d');
  await decline.waitFor({ state: 'detached' });
  await comesTrue('the answering machine answers', async () =>
    /Greeting|Listening|Speaking/u.test((await state.textContent())!),
  );
  await titleIs(page, 'Calls · offhook');
  await button(page, 'Open').click();
  await opened.getByText(/Greeting|Listening|Speaking/u).waitFor();
  expect(await page.getByLabel('Tell the assistant').count()).toBe(0);
  declined.hangUp('caller');
  await declined.report;
  await page.close();
}, 120_000);

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
