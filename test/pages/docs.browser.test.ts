import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ALL_ROUTES } from '../../src/app/openapi/all-routes.ts';
import { SOCKETS } from '../../src/app/openapi/socket-descriptions.ts';
import { type PrefixProxy, startPrefixProxy } from '../doubles/prefix-proxy.ts';
import { faultsInAllLooks } from '../support/all-looks.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { builtPages } from '../support/built-pages.ts';
import { troublesOf } from '../support/page-faults.ts';
import { Offhook } from '../support/test-server.ts';

const PASSWORD = 'a long password for tests';
const PATHS = [...new Set(ALL_ROUTES.map(({ path }) => path.replace(/:(\w+)/gu, '{$1}')))];

let proxy: PrefixProxy;
let offhook: Offhook;
let browser: TestBrowser;
let page: Page;
beforeAll(async () => {
  proxy = await startPrefixProxy('/offhook');
  const settings = { PUBLIC_URL: proxy.url, ADMIN_PASSWORD: PASSWORD };
  offhook = await Offhook.start(settings, { catalogue: true, pages: builtPages() });
  proxy.leadTo(offhook.port);
  browser = await startBrowser();
  page = await browser.context.newPage();
  await page.goto(`${proxy.url}/docs`);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL(`${proxy.url}/docs`);
  await page.close();
});
afterAll(async () => {
  await browser.close();
  await proxy.close();
  await offhook.close();
});

async function open(path: string): Promise<{ page: Page; errors: readonly string[] }> {
  page = await browser.context.newPage();
  const errors = troublesOf(page);
  await page.goto(proxy.url + path);
  return { page, errors };
}

/** What Swagger UI and Redoc do and no style can change. */
const THEIRS = [
  // A button to copy the path is inside the button that opens the route.
  /nested-interactive: <button [^>]*class="opblock-summary-control"/u,
  // Redoc's colour of patterns is fixed.
  /#0e7c86/u,
];

async function ourFaults(page: Page, name: string): Promise<string[]> {
  const faults = await faultsInAllLooks(page, name);
  return faults.filter((fault) => !THEIRS.some((theirs) => theirs.test(fault)));
}

it('/docs contains every route and every WebSocket', async () => {
  const { page, errors } = await open('/docs');
  await page.locator('.opblock').first().waitFor();
  const methods = await page.locator('.opblock-summary-method').allTextContents();
  const paths = await page.locator('.opblock-summary-path').allTextContents();
  const shown = methods.map((method, at) => `${method} ${paths[at]!.replaceAll('\u200b', '')}`);
  const routes = ALL_ROUTES.map(
    ({ method, path }) => `${method.toUpperCase()} ${path.replace(/:(\w+)/gu, '{$1}')}`,
  );
  expect(shown.sort()).toEqual(routes.sort());
  for (const { path } of SOCKETS) await page.locator('.channel').filter({ hasText: path }).waitFor();
  expect(await ourFaults(page, 'docs')).toEqual([]);
  expect(errors).toEqual([]);
  await page.close();
});

it('/docs shows the messages of a WebSocket', async () => {
  const { page, errors } = await open('/docs');
  const desk = page.locator('.channel').filter({ hasText: '/calls/live' });
  await desk.locator('summary').first().press('Enter');
  for (const type of ['takeOver', 'welcome']) await desk.getByText(type, { exact: true }).waitFor();
  await desk.locator('.message summary').first().press('Enter');
  await desk.getByLabel('Schema of available').getByText('boolean').waitFor();
  expect(errors).toEqual([]);
  await page.close();
});

it('/docs sends a real request below a prefix, with the session, and shows the response', async () => {
  const { page, errors } = await open('/docs#/Calls/get-api-calls');
  const route = page.locator('.opblock.is-open');
  await route.getByRole('button', { name: 'Try it out' }).press('Enter');
  await route.getByRole('button', { name: 'Execute' }).press('Enter');
  const answer = route.locator('.live-responses-table');
  await answer.locator('.response-col_status').getByText('200').waitFor();
  expect(await answer.locator('.highlight-code').first().textContent()).toContain('"calls"');
  expect(await route.locator('.request-url').textContent()).toContain(`${proxy.url}/api/calls`);
  expect(await ourFaults(page, 'docs-open')).toEqual([]);
  expect(errors).toEqual([]);
  expect(proxy.strayed.filter((path) => path !== '/favicon.ico')).toEqual([]);
  await page.close();
});

it('/docs sends a request that changes something: its origin is ours', async () => {
  const { page } = await open('/docs');
  await page.locator('.opblock', { hasText: '/login' }).first().waitFor();
  const post = page.locator('.opblock-post').filter({ hasText: '/login' });
  await post.locator('.opblock-summary-control').press('Enter');
  await post.getByRole('button', { name: 'Try it out' }).press('Enter');
  await post.locator('textarea').fill(JSON.stringify({ password: PASSWORD }));
  await post.getByRole('button', { name: 'Execute' }).press('Enter');
  await post.locator('.live-responses-table .response-col_status').getByText('204').waitFor();
  await page.close();
});

it('/redoc contains every route', async () => {
  const { page, errors } = await open('/redoc');
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  for (const path of PATHS)
    await page
      .locator('[data-section-id^="tag/"]')
      .getByText(path, { exact: true })
      .first()
      .waitFor({ state: 'attached' });
  expect(await ourFaults(page, 'redoc')).toEqual([]);
  expect(errors).toEqual([]);
  await page.close();
});
