import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sine } from '../../src/audio/tone.ts';
import { writeWav } from '../../src/audio/wav/wav.ts';
import { faultsInAllLooks } from '../support/all-looks.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { builtPages } from '../support/built-pages.ts';
import { sidOf } from '../support/catalogued-calls.ts';
import { comesTrue } from '../support/comes-true.ts';
import { troublesOf } from '../support/page-faults.ts';
import { Offhook } from '../support/test-server.ts';
import { leaveCalls } from '../support/written-calls.ts';

const SID = sidOf(1);
const LONG = `${'Donaudampfschifffahrtsgesellschaft'.repeat(3)}_2026-07.wav`;
const HEBREW = 'שיחה עם דנה (2).wav';
const HINDI = 'मीटिंग नोट्स.wav';
const NAMES = [LONG, HEBREW, HINDI, "O'Neil & sons, part 2.wav"];
const WORDS = `${'Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz'.repeat(3)} סיסמה invoice`;

let offhook: Offhook;
let browser: TestBrowser;
beforeAll(async () => {
  const prepare = async (directory: string): Promise<void> => {
    await leaveCalls(directory, [
      { callSid: SID, from: `client:${LONG}`, startedAtMs: Date.now() - 3_600_000 },
    ]);
    await mkdir(path.join(directory, 'recordings'));
    for (const name of NAMES)
      await writeFile(
        path.join(directory, 'recordings', name),
        writeWav(sine(440, 2_000, -12, 8_000), 8_000),
      );
  };
  offhook = await Offhook.start({}, { catalogue: true, pages: builtPages(), prepare });
  browser = await startBrowser();
  for (const name of NAMES) {
    const answer = await fetch(`${offhook.url}/recordings/${encodeURIComponent(name)}/transcript`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ utterances: [{ startMs: 500, endMs: 1_500, text: WORDS, speaker: 'דנה' }] }),
    });
    expect(answer.status, name).toBe(200);
  }
  await comesTrue('all are found', async () => {
    const answer = await fetch(`${offhook.url}/api/search?q=invoice&type=microphone`);
    return ((await answer.json()) as { hits: unknown[] }).hits.length === NAMES.length;
  });
});
afterAll(async () => {
  await browser.close();
  await offhook.close();
});

it.each(['/recordings', '/'])(
  'long names and other scripts fit with everything open: %s',
  async (address) => {
    const page = await browser.context.newPage();
    const errors = troublesOf(page);
    await page.goto(offhook.url + address);
    const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
    if (address === '/') await press('View recordings');
    for (const name of NAMES) await page.getByRole('heading', { name, exact: true }).waitFor();
    if (address === '/recordings') {
      await page.getByLabel('Words said').fill('invoice');
      await press('Search');
      await page.getByRole('list', { name: 'Found' }).getByRole('listitem').nth(3).waitFor();
    }
    await press(`Rename ${LONG}`);
    await page.getByLabel('New name').fill('a/b');
    await press('Save name');
    await page.getByRole('alert').getByText('must end in “.wav”').waitFor();
    expect(await faultsInAllLooks(page, `recording-names${address === '/' ? '-below' : ''}-rename`)).toEqual(
      [],
    );
    await press('Keep the name');
    await press(`Delete ${HEBREW}`);
    expect(await faultsInAllLooks(page, `recording-names${address === '/' ? '-below' : ''}-delete`)).toEqual(
      [],
    );
    await press('Keep');
    expect(errors.filter((error) => !/status of 400/u.test(error))).toEqual([]);
    await page.close();
  },
);

it.each(['/calls', `/calls/${SID}`, '/calls?q=invoice', '/dashboard'])(
  'long words and addresses of calls fit: %s',
  async (address) => {
    const page = await browser.context.newPage();
    await page.route(/\/api\/(?:calls|search)/u, async (route) => {
      const answer = await route.fetch();
      if (!answer.headers()['content-type']?.includes('json')) return route.fulfill({ response: answer });
      const body = (await answer.text()).replaceAll(
        /"(text|summary|unheard)":"[^"]*"/gu,
        (_, name: string) => `"${name}":${JSON.stringify(WORDS)}`,
      );
      await route.fulfill({ response: answer, body });
    });
    await page.goto(offhook.url + address);
    if (address !== '/dashboard') await page.getByText(WORDS.slice(0, 60)).first().waitFor();
    expect(await faultsInAllLooks(page, `long-words-${address.replaceAll(/\W+/g, '-')}`)).toEqual([]);
    await page.close();
  },
);

it('a recording is renamed to a name in any script, and back', async () => {
  const page = await browser.context.newPage();
  await page.goto(`${offhook.url}/recordings`);
  const rename = async (from: string, to: string): Promise<void> => {
    await page.getByRole('button', { name: `Rename ${from}`, exact: true }).click();
    await page.getByLabel('New name').fill(to.replace('.wav', ''));
    await page.getByRole('button', { name: 'Save name' }).click();
    await page.getByRole('heading', { name: to, exact: true }).waitFor();
  };
  await rename(HINDI, 'การประชุม.wav');
  const link = page.getByRole('link', { name: 'Transcript of การประชุม.wav' });
  const [opened] = await Promise.all([page.context().waitForEvent('page'), link.click()]);
  await opened.getByText('invoice').waitFor();
  await opened.close();
  await rename('การประชุม.wav', HINDI);
  await page.close();
});
