import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PrefixProxy, startPrefixProxy } from '../doubles/prefix-proxy.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { builtPages } from '../support/built-pages.ts';
import { troublesOf } from '../support/page-faults.ts';
import { Offhook } from '../support/test-server.ts';

const PASSWORD = 'a long password for tests';

let proxy: PrefixProxy;
let offhook: Offhook;
let browser: TestBrowser;
beforeAll(async () => {
  proxy = await startPrefixProxy('/offhook');
  const settings = { PUBLIC_URL: proxy.url, ADMIN_PASSWORD: PASSWORD };
  offhook = await Offhook.start(settings, { catalogue: true, pages: builtPages() });
  proxy.leadTo(offhook.port);
  browser = await startBrowser();
});
afterAll(async () => {
  await browser.close();
  await proxy.close();
  await offhook.close();
});

it('all pages work below a prefix that a proxy removes', async () => {
  const page = await browser.context.newPage();
  await page.goto(`${proxy.url}/recordings?x=1`);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL(`${proxy.url}/recordings?x=1`);
  const errors = troublesOf(page);
  for (const name of ['Phone', 'Calls', 'Dashboard', 'Recordings', 'Microphone', 'Docs']) {
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name, exact: true }).click();
    await page.getByRole('link', { name, exact: true }).and(page.locator('[aria-current="page"]')).waitFor();
    await page.waitForLoadState('networkidle');
    expect(page.url().startsWith(`${proxy.url}/`)).toBe(true);
  }
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.waitForURL(`${proxy.url}/login`);
  expect(errors).toEqual([]);
  expect(proxy.strayed.filter((path) => path !== '/favicon.ico')).toEqual([]);
  await page.close();
});
