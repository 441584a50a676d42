import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { startBrowser, type TestBrowser } from '../test/support/browser.ts';
import { type Asked, startAsked } from './ask.ts';
import { measured, serverSettings } from './calls.ts';
import { percentile } from './percentile.ts';

export interface DeskOptions {
  readonly calls: number;
  /** How many of the calls send audio and are answered; the others are open and silent. */
  readonly talking: number;
  readonly browsers: number;
  /** Without and with browsers in turn. */
  readonly rounds: number;
  readonly holdMs: number;
}

export interface DeskRow {
  readonly browsers: number;
  readonly calls: number;
  /** All threads of the server. */
  readonly cpuSecondsPerSecond: number;
  readonly pingP99Ms: number;
  /** Pictures of a page for each second, the median of its seconds; without browsers at the desk: of a page without content. */
  readonly framesPerSecond: number;
  /** CPU time as a multiple of that without browsers before it in the same round. */
  readonly ratio: number;
}

const SETTLE_MS = 4_000;

/** The desk with many live calls: the server's CPU time without and with browsers, and how smooth their pages are. */
export async function benchDesk(options: DeskOptions): Promise<readonly DeskRow[]> {
  const { calls, talking, browsers, rounds } = options;
  const recordings = mkdtempSync(path.join(tmpdir(), 'offhook-bench-'));
  const generator = await startAsked('generator.ts');
  const offhook = await startAsked('offhook-server.ts');
  const open: TestBrowser[] = [];
  try {
    const settings = await serverSettings(generator, recordings);
    // Otherwise the assistant hangs up on those who say nothing, and the finalisation of their calls is measured.
    const port = await offhook.ask<number>('listen', { ...settings, STILL_THERE_AFTER_MS: '0' });
    await generator.ask('add', { port, calls: talking, overMs: 8_000 });
    await generator.ask('add', { port, calls: calls - talking, overMs: 8_000, silent: true });
    const pages: Page[] = [];
    for (let count = 0; count < browsers; count += 1) {
      // One page each: a page in the background draws less often.
      const browser = await startBrowser();
      open.push(browser);
      pages.push(await browser.context.newPage());
    }
    const rows: DeskRow[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await visit(pages, 'about:blank');
      const without = { ...(await measuredRow(options, offhook, generator, pages)), browsers: 0 };
      await visit(pages, `http://127.0.0.1:${port}/calls`);
      const row = await measuredRow(options, offhook, generator, pages);
      rows.push(without, { ...row, ratio: row.cpuSecondsPerSecond / without.cpuSecondsPerSecond });
    }
    return rows;
  } finally {
    await Promise.all([...open.map((each) => each.close()), generator.kill(), offhook.kill()]);
    rmSync(recordings, { recursive: true, force: true });
  }
}

async function visit(pages: readonly Page[], address: string): Promise<void> {
  for (const page of pages) await page.goto(address);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
}

/** `pages` show the desk, or nothing. Fails if a call has ended. */
async function measuredRow(
  { calls, holdMs }: DeskOptions,
  offhook: Asked,
  generator: Asked,
  pages: readonly Page[],
): Promise<DeskRow> {
  const smooth = Promise.all(pages.map((page) => framesPerSecond(page, holdMs)));
  const [load, figures] = await measured(offhook, generator, holdMs);
  if (load.calls !== calls) throw new Error(`${calls - load.calls} calls have ended`);
  return {
    browsers: pages.length,
    calls,
    cpuSecondsPerSecond: figures.cpuSeconds / figures.wallSeconds,
    pingP99Ms: load.pingP99Ms,
    framesPerSecond: Math.min(...(await smooth)),
    ratio: 1,
  };
}

/** Runs in the page: how many pictures it may draw in each second. */
const COUNT_PICTURES = `(ms) => new Promise((resolve) => {
  const counts = [];
  const sinceMs = performance.now();
  const drawn = (nowMs) => {
    if (nowMs - sinceMs >= ms) return resolve(counts.slice(0, -1));
    const second = Math.max(0, Math.floor((nowMs - sinceMs) / 1000));
    counts[second] = (counts[second] ?? 0) + 1;
    requestAnimationFrame(drawn);
  };
  requestAnimationFrame(drawn);
})`;

async function framesPerSecond(page: Page, ms: number): Promise<number> {
  return percentile(await page.evaluate<number[]>(`(${COUNT_PICTURES})(${ms})`), 50);
}
