import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { faultsInAllLooks } from '../support/all-looks.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { builtPages } from '../support/built-pages.ts';
import { breakableConnection } from '../support/breakable-connection.ts';
import { Offhook } from '../support/test-server.ts';

let offhook: Offhook;
let browser: TestBrowser;
beforeAll(async () => {
  offhook = await Offhook.start({}, { catalogue: true, pages: builtPages() });
  browser = await startBrowser();
});
afterAll(async () => {
  await browser.close();
  await offhook.close();
});

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

it.each([
  [1013, 'Too many browsers are open at the desk'],
  [1009, 'The last message was too large'],
  [3001, 'Not connected; reconnecting'],
])('a desk that closes with %i shows a message', async (code, words) => {
  const page = await browser.context.newPage();
  await page.routeWebSocket(/\/calls\/live/u, (socket) => void socket.close({ code }));
  await page.goto(`${offhook.url}/calls`);
  await page.getByRole('status', { name: 'The desk' }).getByText(words).waitFor();
  await page.close();
});

it('a browser phone without a place at the desk says that it has no transcript, and continues the call', async () => {
  const page = await browser.context.newPage();
  await page.routeWebSocket(/\/calls\/live/u, (socket) => void socket.close({ code: 1013 }));
  await page.goto(`${offhook.url}/phone`);
  await button(page, 'Call').click();
  await page.getByText('too many browsers are open at the desk').waitFor();
  await page.getByRole('button', { name: 'Hang up', disabled: false }).click();
  await page.close();
});

it('a call whose line is lost says so, offers actions, and ends as soon as it is hung up', async () => {
  const phone = await browser.context.newPage();
  const line = await breakableConnection(phone, /\/phone\/stream$/u);
  await phone.goto(`${offhook.url}/phone`);
  const desk = await browser.context.newPage();
  await desk.goto(`${offhook.url}/calls`);
  await button(phone, 'Call').click();
  await button(desk, 'Open').click();
  await desk.getByRole('button', { name: 'Take over', disabled: false }).waitFor();
  line.cut();
  await desk.getByText('The line to the caller is lost.').waitFor();
  expect(await button(desk, 'Take over').isDisabled()).toBe(true);
  await button(desk, 'Hang up').click();
  // A lost line is given up after 30 s.
  await desk.getByText('The call has ended.').waitFor({ timeout: 25_000 });
  await desk.getByRole('link', { name: 'Recording and transcript' }).click();
  await desk.getByText('An operator hung up').waitFor();
  expect(await faultsInAllLooks(desk, 'call-hung-up')).toEqual([]);
  await desk.close();
  await phone.close();
});
