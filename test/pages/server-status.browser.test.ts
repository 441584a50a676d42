import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { faultsInAllLooks } from '../support/all-looks.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { builtPages } from '../support/built-pages.ts';
import { Offhook } from '../support/test-server.ts';
import { unusedPort } from '../support/unused-port.ts';

let browser: TestBrowser;
let offhook: Offhook;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());
afterEach(() => offhook.close());

it('every page shows which service fails, since when and why; the login page does not', async () => {
  const address = `http://127.0.0.1:${await unusedPort()}/v1`;
  offhook = await Offhook.start({ CHAT_BASE_URL: address }, { catalogue: true, pages: builtPages() });
  await offhook.logs(/"service request failed"/u);
  const page = await browser.context.newPage();
  for (const path of ['/', '/phone', '/calls', '/dashboard', '/recordings']) {
    await page.goto(offhook.url + path);
    const banner = page.getByRole('status', { name: 'State of the server' });
    await banner.getByText(/^chat: 127\.0\.0\.1:\d+: connect ECONNREFUSED .*\(since /u).waitFor();
    expect(await banner.getByRole('time').first().getAttribute('datetime')).toMatch(/^\d{4}-/u);
    await banner.getByText('npx offhook doctor').waitFor();
  }
  expect(await faultsInAllLooks(page, 'status-banner')).toEqual([]);
  await page.close();
});

it('the pages show that the server drains', async () => {
  offhook = await Offhook.start({}, { catalogue: true, pages: builtPages() });
  const page = await browser.context.newPage();
  await fetch(`${offhook.url}/api/drain`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: '{"draining":true}',
  });
  for (const path of ['/', '/calls']) {
    await page.goto(offhook.url + path);
    const banner = page.getByRole('status', { name: 'State of the server' });
    await banner.getByText('New calls are not accepted.').waitFor();
    expect(await banner.getByText('Something does not work.').count()).toBe(0);
  }
  expect(await faultsInAllLooks(page, 'draining-banner')).toEqual([]);
  await page.close();
});

it('users who are not admitted do not see it', async () => {
  const address = `http://127.0.0.1:${await unusedPort()}/v1`;
  const settings = { CHAT_BASE_URL: address, ADMIN_PASSWORD: 'four words of good length' };
  offhook = await Offhook.start(settings, { catalogue: true, pages: builtPages() });
  await offhook.logs(/"service request failed"/u);
  const page = await browser.context.newPage();
  await page.goto(`${offhook.url}/login`, { waitUntil: 'networkidle' });
  expect(await page.getByText('ECONNREFUSED').count()).toBe(0);
  await page.close();
});

it('without a transcription service nothing is "being transcribed"', async () => {
  offhook = await Offhook.start({}, { catalogue: true, pages: builtPages() });
  const page = await browser.context.newPage();
  await page.goto(`${offhook.url}/phone`);
  await page.getByRole('button', { name: 'Call', exact: true }).click();
  await page.getByText('Not transcribed: no transcription service is configured').waitFor();
  expect(await page.getByText('being transcribed').count()).toBe(0);
  await page.getByRole('button', { name: 'Hang up' }).click();
  await page.getByRole('link', { name: 'Recording and transcript' }).click();
  await page.getByText('TRANSCRIPTION_BASE_URL').waitFor();
  expect(await page.getByText('being transcribed').count()).toBe(0);
  await page.close();
});

it('with a database that is down, pages say so in the banner and where its data would be', async () => {
  const url = `postgres://user:secret@127.0.0.1:${await unusedPort()}/calls`;
  offhook = await Offhook.start({ DATABASE_URL: url }, { catalogue: true, pages: builtPages() });
  await offhook.logs(/"dependency does not work"/u);
  const page = await browser.context.newPage();
  for (const [path, sentence] of [
    ['/calls', /catalogue/u],
    ['/dashboard', /catalogue/u],
    [`/calls/CA${'0'.repeat(32)}`, /catalogue/u],
  ] as const) {
    await page.goto(offhook.url + path);
    const banner = page.getByRole('status', { name: 'State of the server' });
    await banner.getByText(/^database: .*ECONNREFUSED .*\(since /u).waitFor();
    await page.getByRole('main').getByText(sentence).first().waitFor();
    expect(await page.getByText('secret').count()).toBe(0);
    expect(await faultsInAllLooks(page, `database-down${path.replaceAll('/', '-').slice(0, 12)}`)).toEqual(
      [],
    );
  }
  await page.close();
});
