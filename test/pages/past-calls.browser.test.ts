import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { builtPages } from '../support/built-pages.ts';
import { sidOf } from '../support/catalogued-calls.ts';
import { comesTrue } from '../support/comes-true.ts';
import { type Player, seriousFaults, troublesOf } from '../support/page-faults.ts';
import { Offhook } from '../support/test-server.ts';
import { leaveCalls } from '../support/written-calls.ts';

/** Set it to a folder to look at what was seen. */
const SCREENSHOTS = process.env['SCREENSHOTS'];
const LOOKS = [
  { name: 'light-wide', colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { name: 'dark-narrow', colorScheme: 'dark', viewport: { width: 375, height: 740 } },
  { name: 'light-narrow', colorScheme: 'light', viewport: { width: 375, height: 740 } },
  { name: 'dark-wide', colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
] as const;
const HOUR_MS = 3_600_000;
/** More than fit on one page. */
const CALLS = Array.from({ length: 30 }, (_, index) => ({
  callSid: sidOf(index + 1),
  from: `+493055500${String(index + 1).padStart(2, '0')}`,
  startedAtMs: Date.now() - (index + 1) * 7 * HOUR_MS,
}));

/** Times of the first reply, as a live call has them. */
const TIMING = {
  pauseMs: 180,
  textMs: 330,
  decidedMs: 350,
  tokenMs: 500,
  audioMs: 620,
  sentMs: 630,
  heardMs: 740,
};
function addTiming(file: string): void {
  const record = JSON.parse(readFileSync(file, 'utf8')) as { turns: { speaker: string; timing?: object }[] };
  record.turns.find(({ speaker }) => speaker === 'caller')!.timing = TIMING;
  writeFileSync(file, JSON.stringify(record));
}

let offhook: Offhook;
let browser: TestBrowser;
beforeAll(async () => {
  offhook = await Offhook.start(
    {},
    {
      catalogue: true,
      pages: builtPages(),
      prepare: async (directory) => {
        await leaveCalls(directory, CALLS, { channels: 'stereo' });
        addTiming(path.join(directory, `call_${sidOf(3)}.json`));
      },
    },
  );
  browser = await startBrowser();
  await comesTrue('all calls are entered', async () => {
    const answer = await fetch(`${offhook.url}/api/calls?limit=100`);
    const { calls } = (await answer.json()) as { calls?: unknown[] };
    return calls?.length === CALLS.length;
  });
});
afterAll(async () => {
  await browser.close();
  await offhook.close();
});

async function open(address: string): Promise<{ page: Page; errors: readonly string[] }> {
  const page = await browser.context.newPage();
  const errors = troublesOf(page);
  await page.goto(offhook.url + address);
  return { page, errors };
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const links = (page: Page) => page.getByRole('list', { name: 'Past calls' }).getByRole('link');
const secondsOf = (clock: string | null): number =>
  clock!
    .trim()
    .split(':')
    .reduce((sum, part) => sum * 60 + Number(part), 0);
/** Ready to be looked at. */
async function drawn(page: Page): Promise<void> {
  await page.getByRole('listitem').filter({ hasText: 'Caller (left)' }).waitFor();
}

describe('past calls', () => {
  it('are listed, latest first, page by page', async () => {
    const { page, errors } = await open('/calls');
    await links(page).nth(24).waitFor();
    expect(await links(page).first().textContent()).toContain('+49305550001');
    await button(page, 'Older').click();
    await page.getByText('Page 2').waitFor();
    await comesTrue('the rest is there', async () => (await links(page).count()) === 5);
    await button(page, 'Newer').click();
    await comesTrue('the first page is back', async () => (await links(page).count()) === 25);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('are filtered by number, day, length and outcome', async () => {
    const { page } = await open('/calls');
    const found = async (count: number): Promise<void> => {
      await button(page, 'Search').click();
      await comesTrue(`${count} are found`, async () => (await links(page).count()) === count);
    };
    await page.getByLabel('Number').fill('5550007');
    await found(1);
    await page.getByLabel('At most (seconds)').fill('1');
    await found(0);
    await page.getByText('No calls match.').waitFor();
    await page.getByLabel('At most (seconds)').fill('');
    await found(1);
    await page.getByLabel('Number').fill('7');
    await found(0);
    await page.getByRole('alert').getByText('number').waitFor();
    await comesTrue(
      'the count is gone',
      async () => (await page.getByRole('status', { name: 'Search results' }).textContent()) === '',
    );
    await page.getByLabel('Number').fill('5550007');
    await page.getByLabel('At most (seconds)').fill('');
    await page.getByLabel('Outcome').selectOption('Conversation');
    const day = await page.evaluate<string>(
      `(() => { const at = new Date(${CALLS[6]!.startedAtMs}); const two = (n) => String(n).padStart(2, '0');
        return at.getFullYear() + '-' + two(at.getMonth() + 1) + '-' + two(at.getDate()); })()`,
    );
    await page.getByLabel('From').fill(day);
    await page.getByLabel('To', { exact: true }).fill(day);
    await found(1);
    // What was looked for stands in the address.
    await page.reload();
    await comesTrue('the same is found again', async () => (await links(page).count()) === 1);
    await page.close();
  });

  it('a search that cannot find anything explains itself', async () => {
    const { page } = await open('/calls');
    await links(page).first().waitFor();
    const explains = async (words: RegExp): Promise<void> => {
      await button(page, 'Search').click();
      await page.getByRole('alert').getByText(words).waitFor();
      await links(page).first().waitFor({ state: 'detached' });
    };
    await page.getByLabel('Said by').selectOption('Caller');
    await explains(/^Enter words/u);
    await page.getByLabel('Said by').selectOption('any');
    await page.getByLabel('From').fill('2026-07-14');
    await page.getByLabel('To', { exact: true }).fill('2026-07-13');
    await explains(/“From” is later than “To”/u);
    await page.getByLabel('From').fill('');
    await page.getByLabel('To', { exact: true }).fill('');
    await page.getByLabel('At least (seconds)').fill('9');
    await page.getByLabel('At most (seconds)').fill('8');
    await explains(/“At least” is more/u);
    await page.getByLabel('At least (seconds)').fill('');
    await page.getByLabel('At most (seconds)').fill('');
    await button(page, 'Search').click();
    await links(page).first().waitFor();
    await page.close();
  });

  it('are searched by words, and a hit links to its turn', async () => {
    const { page, errors } = await open('/calls');
    await page.getByLabel('Words said').fill('invoice');
    await page.getByLabel('Number').fill('5550003');
    await page.getByLabel('Said by').selectOption('Caller');
    await button(page, 'Search').click();
    const hits = page.getByRole('list', { name: 'Turns found' }).getByRole('link');
    await hits.first().waitFor();
    expect(await hits.first().locator('mark').textContent()).toBe('invoice');
    if (SCREENSHOTS) await page.screenshot({ path: path.join(SCREENSHOTS, 'hits.png'), fullPage: true });
    await hits.first().click();
    await page.waitForURL(`${offhook.url}/calls/${sidOf(3)}?turn=*`);
    await page.locator('.turn.target').filter({ hasText: 'invoice' }).waitFor();
    const placeS = (): Promise<number> =>
      page.evaluate<number>(`document.querySelector('audio').currentTime`);
    await comesTrue('the recording stands there', async () => (await placeS()) > 5);
    expect(errors).toEqual([]);
    await page.close();
  });
});

describe('the page of a call', () => {
  it('plays from a line, highlights the current one, and strikes through unheard text', async () => {
    const { page, errors } = await open(`/calls/${sidOf(1)}`);
    await drawn(page);
    const line = page.locator('.turn.caller.line').first();
    await line.click();
    await page.locator('.turn.caller.playing').first().waitFor();
    const sound = page.locator('audio');
    const placeS = (): Promise<number> => sound.evaluate((audio: Player) => audio.currentTime);
    // From a line that was said later, by its button too; a second is what may have played meanwhile.
    const last = page.locator('.turn.assistant.line').last();
    const startS = secondsOf(await last.locator('.time').textContent());
    expect(startS).toBeGreaterThan((await placeS()) + 2);
    await last.getByRole('button').press('Enter');
    await comesTrue('it plays from there', async () => (await placeS()) >= startS);
    expect(await placeS()).toBeLessThan(startS + 3);
    expect(await page.locator('.turn s').count()).toBeGreaterThan(0);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('shows how long the caller waited for each reply, and for what', async () => {
    const { page, errors } = await open(`/calls/${sidOf(3)}`);
    const bar = page.getByRole('img', { name: /^After the last word: turn over 0.35 s, .* heard 0.74 s$/u });
    await bar.waitFor();
    expect(await bar.count()).toBe(1);
    await page.getByText('reply after 0.74 s').waitFor();
    const parts = await bar.locator('rect').all();
    const boxes = await Promise.all(parts.map((part) => part.boundingBox()));
    const widths = boxes.map((box) => box?.width ?? 0);
    const whole = (await bar.boundingBox())!.width;
    expect(Math.abs(widths.reduce((sum, width) => sum + width, 0) - (whole * 0.74) / 3)).toBeLessThan(4);
    await page.getByRole('list', { name: 'Colours of the bars' }).getByText('turn over').waitFor();
    await page.setViewportSize({ width: 375, height: 740 });
    const isClipped = `(() => { const log = document.querySelector('[role=log]'); return log.scrollWidth > log.clientWidth; })()`;
    expect(await page.evaluate<boolean>(isClipped)).toBe(false);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('offers the recording, the transcript in three formats, the summary and the whole record', async () => {
    const { page } = await open(`/calls/${sidOf(1)}`);
    await drawn(page);
    for (const [name, ending] of [
      [/^Recording,/u, '_conversation.wav'],
      ['Transcript as text', '.txt'],
      ['Transcript as JSON', '.json'],
      ['Transcript as VTT', '.vtt'],
      ['Summary', '_summary.txt'],
      ['Whole record as JSON', '.json'],
    ] as const) {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name }).click(),
      ]);
      expect(download.suggestedFilename()).toContain(ending);
      expect(await download.failure()).toBeNull();
    }
    await page.close();
  });

  it('adds notes and holds, and deletes a call without a hold after a confirmation', async () => {
    const { page } = await open(`/calls/${sidOf(2)}`);
    await page.getByLabel('New note').fill('Called back.\nIs fine.');
    await button(page, 'Add note').click();
    await page.getByText('Is fine.').waitFor();
    await page.getByLabel('Reason for the hold').fill('A court wants it');
    await button(page, 'Put on hold').click();
    await page.getByText(/On hold since .*A court wants it/u).waitFor();
    const remove = async (): Promise<void> => {
      await button(page, 'Delete').click();
      await button(page, 'Delete permanently').click();
    };
    await remove();
    const refusal = page.getByRole('alert').getByText('take the hold away first');
    await refusal.waitFor();
    const [above, below] = [(await button(page, 'Delete').boundingBox())!, (await refusal.boundingBox())!];
    expect(Math.abs(below.y - (above.y + above.height))).toBeLessThan(60);
    await button(page, 'Release the hold').click();
    await button(page, 'Put on hold').waitFor();
    await button(page, 'Remove note').click();
    await page.getByText('There are none.').waitFor();
    await button(page, 'Delete').click();
    await button(page, 'Keep it').click();
    await remove();
    await page.getByText('The call and all its data have been deleted.').waitFor();
    expect((await fetch(`${offhook.url}/api/calls/${sidOf(2)}`)).status).toBe(404);
    await page.close();
  });

  it('shows a message for an unknown call', async () => {
    const { page } = await open(`/calls/${sidOf(999)}`);
    await page.getByRole('status').getByText('There is no such call.').waitFor();
    await page.close();
  });
});

describe('the dashboard', () => {
  it('plots the last days, and has the same numbers in a table', async () => {
    const { page, errors } = await open('/dashboard');
    await page.locator('.uplot canvas').nth(4).waitFor();
    await page.getByText('Show as numbers').click();
    const rows = page.getByRole('table').getByRole('row');
    await comesTrue('a row for each day', async () => (await rows.count()) === 31);
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }
    const days = await rows.allTextContents();
    expect(days.filter((text) => /[1-9]\d* ms/u.test(text)).length).toBeGreaterThan(7);
    await page.getByRole('meter', { name: 'Disk space in use' }).waitFor();
    if (SCREENSHOTS)
      await page.screenshot({ path: path.join(SCREENSHOTS, 'dashboard-table.png'), fullPage: true });
    expect(await seriousFaults(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  });
});

describe.each(LOOKS)('$name', ({ name, colorScheme, viewport }) => {
  it.each([
    ['calls', '/calls'],
    ['call', `/calls/${sidOf(1)}`],
    ['dashboard', '/dashboard'],
  ])('%s with content is accessible', async (shown, address) => {
    const { page, errors } = await open(address);
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await page.waitForLoadState('networkidle');
    if (shown === 'call') await drawn(page);
    if (shown === 'dashboard') await page.locator('.uplot canvas').nth(4).waitFor();
    const file = `${shown}-full-${name}.png`;
    if (SCREENSHOTS) await page.screenshot({ path: path.join(SCREENSHOTS, file), fullPage: true });
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
      viewport.width,
    );
    // Before axe looks: it tries styles of its own, which the page's policy refuses.
    expect(errors).toEqual([]);
    expect(await seriousFaults(page)).toEqual([]);
    await page.close();
  });
});
