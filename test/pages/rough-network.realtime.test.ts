import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CallEvent } from '../../src/events/call-events.ts';
import { readJournal } from '../../src/journal/journal-reader.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { builtPages } from '../support/built-pages.ts';
import { comesTrue } from '../support/comes-true.ts';
import { microphoneFile } from '../support/microphone-file.ts';
import { Offhook } from '../support/test-server.ts';

const FRAME_MS = 20;

/** Its journals tell when each message came. */
let offhook: Offhook;
let browser: TestBrowser;
beforeAll(async () => {
  offhook = await Offhook.start({ KEEP_JOURNALS: 'true' }, { catalogue: true, pages: builtPages() });
  // Silence: what the answering machine cannot transcribe would hold the journal back.
  browser = await startBrowser({ microphone: microphoneFile(offhook.directory, [], 60_000) });
}, 120_000);
afterAll(async () => {
  await browser.close();
  await offhook.close();
});

/** What the server saw of some seconds on the phone with the switches set so. */
async function callOver(rough: Readonly<Record<string, number>>): Promise<readonly CallEvent[]> {
  const page = await browser.context.newPage();
  await page.goto(`${offhook.url}/phone`);
  await page.getByText('A bad network').click();
  for (const [name, value] of Object.entries(rough)) await page.getByLabel(name).fill(String(value));
  await page.getByRole('button', { name: 'Call', exact: true }).click();
  await comesTrue('some seconds are over', async () =>
    /00:(0[5-9]|[1-5]\d)/u.test((await page.getByRole('timer').textContent()) ?? ''),
  );
  await page.getByRole('button', { name: 'Hang up' }).click();
  const link = page.getByRole('link', { name: /Recording and transcript/ });
  const callSid = (await link.getAttribute('href'))!.slice('/calls/'.length);
  await offhook.finished(callSid);
  await page.close();
  const journal = offhook.fileOf(`.offhook/kept/${callSid}.journal`);
  await comesTrue('the journal is let go of', () => existsSync(journal));
  return [...readJournal(journal)];
}

const framesOf = (events: readonly CallEvent[]) => events.filter((event) => event.kind === 'caller');

/** From when a mark was sent until it was back, the quickest: no sound lay before it. */
function quickestEchoMs(events: readonly CallEvent[]): number {
  const sent = new Map<string, number>();
  let quickest = Infinity;
  for (const event of events) {
    if (event.kind === 'mark-sent') sent.set(event.name, event.atMs);
    if (event.kind === 'mark-back')
      quickest = Math.min(quickest, event.atMs - (sent.get(event.name) ?? -Infinity));
  }
  return quickest;
}

/** How much the frames' ways differ, but for the worst on either side. */
function unevenMs(events: readonly CallEvent[]): number {
  const late = framesOf(events)
    .map(({ atMs, streamMs }) => atMs - streamMs)
    .sort((a, b) => a - b);
  return late[Math.floor(late.length * 0.9)]! - late[Math.floor(late.length * 0.1)]!;
}

/** Between each frame's time and the next one's. */
function stepsMs(events: readonly CallEvent[]): number[] {
  const frames = framesOf(events);
  return frames.slice(1).map(({ streamMs }, index) => streamMs - frames[index]!.streamMs);
}

it('a good network loses and delays nothing', async () => {
  const events = await callOver({});
  expect(new Set(stepsMs(events))).toEqual(new Set([FRAME_MS]));
  expect(quickestEchoMs(events)).toBeLessThan(400);
});

it.concurrent(
  'Loss drops the configured share of frames, each a gap of its length, and keeps the order',
  async () => {
    const steps = stepsMs(await callOver({ Loss: 20 }));
    expect(steps.every((ms) => ms > 0 && ms % FRAME_MS === 0)).toBe(true);
    const frames = steps.reduce((sum, ms) => sum + ms, 0) / FRAME_MS;
    const lost = 1 - steps.length / frames;
    expect(lost).toBeGreaterThan(0.12);
    expect(lost).toBeLessThan(0.28);
  },
);

it('Delay delays both directions', async () => {
  const events = await callOver({ Delay: 300 });
  expect(quickestEchoMs(events)).toBeGreaterThanOrEqual(2 * 300);
  expect(new Set(stepsMs(events))).toEqual(new Set([FRAME_MS]));
});

it('Jitter delays unevenly, loses nothing and keeps the order', async () => {
  const events = await callOver({ Jitter: 300 });
  expect(unevenMs(events)).toBeGreaterThan(300 / 3);
  expect(new Set(stepsMs(events))).toEqual(new Set([FRAME_MS]));
});
