import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { builtPages } from '../support/built-pages.ts';
import { Offhook } from '../support/offhook.ts';
import { seriousFaults, troublesOf } from '../support/page-faults.ts';

const ADDRESSES = ['/', '/phone', '/calls', '/dashboard', '/recordings', '/login'];
const LOOKS = [
  { name: 'light-wide', colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { name: 'dark-narrow', colorScheme: 'dark', viewport: { width: 375, height: 740 } },
  { name: 'light-narrow', colorScheme: 'light', viewport: { width: 375, height: 740 } },
  { name: 'dark-wide', colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
] as const;
/** Set it to a folder to look at what was seen. */
const SCREENSHOTS = process.env['SCREENSHOTS'];

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

describe.each(LOOKS)('$name', ({ name, colorScheme, viewport }) => {
  it.each(ADDRESSES)('%s can be read and used by everyone, and nothing in it goes wrong', async (address) => {
    const page = await browser.context.newPage();
    const troubles = troublesOf(page);
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await page.goto(offhook.url + address, { waitUntil: 'networkidle' });
    await page.getByRole('heading', { level: 1 }).waitFor();
    const file = `${address === '/' ? 'microphone' : address.slice(1)}-${name}.png`;
    if (SCREENSHOTS) await page.screenshot({ path: path.join(SCREENSHOTS, file), fullPage: true });
    expect(await seriousFaults(page)).toEqual([]);
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
      viewport.width,
    );
    expect(troubles).toEqual([]);
    await page.close();
  });
});
