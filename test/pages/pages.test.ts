import { afterAll, beforeAll, expect, it } from 'vitest';
import { faultsInAllLooks } from '../support/all-looks.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { builtPages } from '../support/built-pages.ts';
import { comesTrue } from '../support/comes-true.ts';
import { Offhook } from '../support/offhook.ts';
import { troublesOf } from '../support/page-faults.ts';

const ADDRESSES = ['/', '/phone', '/calls', '/dashboard', '/recordings', '/login'];

let offhook: Offhook;
let browser: TestBrowser;
beforeAll(async () => {
  offhook = await Offhook.start({}, { catalogue: true, pages: await builtPages() });
  browser = await startBrowser();
}, 120_000);
afterAll(async () => {
  await browser.close();
  await offhook.close();
});

it.each(ADDRESSES)('%s can be read by everyone in light and dark, wide and narrow', async (address) => {
  const page = await browser.context.newPage();
  const troubles = troublesOf(page);
  await page.goto(offhook.url + address, { waitUntil: 'networkidle' });
  await page.getByRole('heading', { level: 1 }).waitFor();
  expect(await faultsInAllLooks(page, address === '/' ? 'microphone' : address.slice(1))).toEqual([]);
  expect(troubles).toEqual([]);
  await page.close();
});

it('the interface is described in the colours of the others, with a way back', async () => {
  const page = await browser.context.newPage();
  const troubles = troublesOf(page);
  await page.goto(`${offhook.url}/docs`);
  await page.getByText('/list_recordings').waitFor();
  const ground = (): Promise<string> =>
    page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await ground();
  await page.emulateMedia({ colorScheme: 'dark' });
  await comesTrue('it is dark', async () => (await ground()) !== light);
  await page.getByRole('link', { name: 'Back to offhook' }).click();
  await page.waitForURL(`${offhook.url}/phone`);
  expect(troubles).toEqual([]);
  await page.close();
});

it('pages are asked for each time, assets never again; and nothing inline runs', async () => {
  const page = await fetch(`${offhook.url}/phone`);
  const text = await page.text();
  const policy = page.headers.get('content-security-policy');
  expect(page.headers.get('cache-control')).toBe('no-cache');
  expect(policy).toContain("default-src 'none'; script-src 'self';");
  expect(policy).not.toContain('unsafe');
  const nonce = /'nonce-([^']+)'/u.exec(policy ?? '')![1]!;
  expect(text).toContain(`nonce="${nonce}"`);
  expect(await (await fetch(`${offhook.url}/phone`)).text()).not.toContain(nonce);
  const asset = /src="(\/assets\/[^"]+)"/u.exec(text)![1]!;
  const { status, headers } = await fetch(offhook.url + asset);
  expect([status, headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable']);
  expect((await fetch(`${offhook.url}/assets/..%2f..%2fpackage.json`)).status).toBe(404);
});
