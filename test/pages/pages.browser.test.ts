import { afterAll, beforeAll, expect, it } from 'vitest';
import { faultsInAllLooks } from '../support/all-looks.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { builtPages } from '../support/built-pages.ts';
import { troublesOf } from '../support/page-faults.ts';
import { Offhook } from '../support/test-server.ts';

const ADDRESSES = ['/', '/phone', '/calls', '/dashboard', '/recordings', '/login'];

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

it.each(ADDRESSES)('%s is accessible in light and dark, wide and narrow', async (address) => {
  const page = await browser.context.newPage();
  const errors = troublesOf(page);
  await page.goto(offhook.url + address, { waitUntil: 'networkidle' });
  await page.getByRole('heading', { level: 1 }).waitFor();
  expect(await faultsInAllLooks(page, address === '/' ? 'microphone' : address.slice(1))).toEqual([]);
  expect(errors).toEqual([]);
  await page.close();
});

it('pages are revalidated each time, assets never; nothing inline runs', async () => {
  const page = await fetch(`${offhook.url}/phone`);
  const text = await page.text();
  const policy = page.headers.get('content-security-policy');
  expect(page.headers.get('cache-control')).toBe('no-cache');
  expect(policy).toContain("default-src 'none'; script-src 'self';");
  expect(policy).not.toContain('unsafe');
  const nonce = /'nonce-([^']+)'/u.exec(policy ?? '')![1]!;
  expect(text).toContain(`nonce="${nonce}"`);
  expect(await (await fetch(`${offhook.url}/phone`)).text()).not.toContain(nonce);
  const asset = /src="\.(\/assets\/[^"]+)"/u.exec(text)![1]!;
  const { status, headers } = await fetch(offhook.url + asset);
  expect([status, headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable']);
  expect((await fetch(`${offhook.url}/assets/..%2f..%2fpackage.json`)).status).toBe(404);
});

it('an unknown address shows an error page to browsers, and a problem document to programs', async () => {
  const page = await browser.context.newPage();
  const answer = await page.goto(`${offhook.url}/no/<such>?page`);
  expect(answer?.status()).toBe(404);
  await page.getByText('There is nothing here.').waitFor();
  expect(await faultsInAllLooks(page, 'transient')).toEqual([]);
  await page.getByRole('navigation').getByRole('link', { name: 'Calls' }).click();
  await page.waitForURL(`${offhook.url}/calls`);
  await page.close();
  const elsewhere = { 'x-forwarded-for': '203.0.113.9', accept: 'text/html,*/*;q=0.8' };
  const refused = await fetch(`${offhook.url}/calls`, { headers: elsewhere });
  expect(refused.status).toBe(403);
  expect(await refused.text()).toMatch(/data-status="403"\s+data-sentence="[A-Z][^"]+\."/u);
  const { headers } = await fetch(`${offhook.url}/no/such`);
  expect(headers.get('content-type')).toContain('application/problem+json');
});
