import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { builtPages } from '../support/built-pages.ts';
import { sidOf } from '../support/catalogued-calls.ts';
import { comesTrue } from '../support/comes-true.ts';
import { Offhook } from '../support/test-server.ts';
import { leaveCalls } from '../support/written-calls.ts';

/** advplyr/audiobookshelf PR 2797 (Hebrew), MoeraOrg/moera-issues#246 (Arabic), Unicode UAX #9 (Persian, Syriac). */
const WORDS = [
  'שלום, אני רוצה לשאול על חשבונית 4711?',
  'مرحباً (رقم 12)!',
  'سلام، شماره ۴۷۱۱ لطفاً.',
  'ܫܠܡܐ 4711.',
] as const;
/** An override that shows the rest of a line backwards: "client:abcexe.jpg". */
const ADDRESS = 'client:abc\u202Egpj.exe';
const SID = sidOf(1);

let offhook: Offhook;
let browser: TestBrowser;
beforeAll(async () => {
  const prepare = (directory: string) => leaveCalls(directory, [{ callSid: SID, from: ADDRESS }]);
  offhook = await Offhook.start({}, { catalogue: true, pages: builtPages(), prepare });
  browser = await startBrowser();
  await comesTrue('the call is entered', async () => (await fetch(`${offhook.url}/api/calls/${SID}`)).ok);
});
afterAll(async () => {
  await browser.close();
  await offhook.close();
});

/** A page whose API answers with these words in place of all texts. */
async function open(address: string, words: string): Promise<Page> {
  const page = await browser.context.newPage();
  await page.route('**/api/calls**', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replaceAll(
      /"(text|summary)":"[^"]*"/gu,
      (_, name: string) => `"${name}":${JSON.stringify(words)}`,
    );
    await route.fulfill({ response: answer, body });
  });
  await page.goto(`${offhook.url}${address}`);
  return page;
}

/** The part of a browser that is asked; the types of the tests have no DOM. */
interface Styles {
  getComputedStyle(element: unknown): { getPropertyValue(name: string): string };
}

/** The computed style of all elements with a text. */
function styleOf(page: Page, text: string, field: 'direction' | 'unicode-bidi'): Promise<string[]> {
  return page.getByText(text).evaluateAll((found: unknown[], name: string) => {
    const styles = globalThis as unknown as Styles;
    return found.map((element) => styles.getComputedStyle(element).getPropertyValue(name));
  }, field);
}

it.each(WORDS)('words run from right to left on the pages of calls: %s', async (words) => {
  const call = await open(`/calls/${SID}`, words);
  await call.getByText(words).first().waitFor();
  expect(new Set(await styleOf(call, words, 'direction'))).toEqual(new Set(['rtl']));
  const list = await open('/calls', words);
  await list.getByText(words).first().waitFor();
  expect(new Set(await styleOf(list, words, 'direction'))).toEqual(new Set(['rtl']));
  await call.close();
  await list.close();
});

it.each(['/calls', `/calls/${SID}`])('an address with an override is isolated on %s', async (address) => {
  const page = await open(address, 'Hello.');
  await page.getByText(ADDRESS).first().waitFor();
  const elements = await page.locator('bdi', { hasText: ADDRESS }).count();
  expect(elements).toBeGreaterThan(0);
  expect(new Set(await styleOf(page, ADDRESS, 'unicode-bidi'))).toEqual(new Set(['isolate']));
  await page.close();
});
