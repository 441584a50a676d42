import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { startBrowser, type TestBrowser } from '../test/support/browser.ts';
import { startAsked } from './ask.ts';
import { measured, serverSettings } from './calls.ts';
import { percentile } from './percentile.ts';

export interface DeskOptions {
  readonly calls: number;
  /** How many of the calls send audio and are answered; the others are open and silent. */
  readonly talking: number;
  readonly browsers: number;
  readonly holdMs: number;
}

export interface DeskRow {
  readonly browsers: number;
  readonly calls: number;
  /** All threads of the server. */
  readonly cpuSecondsPerSecond: number;
  readonly pingP99Ms: number;
  /** Pictures of a page for each second, the median of its seconds; undefined without a browser. */
  readonly framesPerSecond: number | undefined;
}

const SETTLE_MS = 4_000;

/** The desk with many live calls: the server's CPU time without and with browsers, and how smooth their pages are. */
export async function benchDesk({
  calls,
  talking,
  browsers,
  holdMs,
}: DeskOptions): Promise<readonly DeskRow[]> {
  const recordings = mkdtempSync(path.join(tmpdir(), 'offhook-bench-'));
  const generator = await startAsked('generator.ts');
  const offhook = await startAsked('offhook-server.ts');
  const open: TestBrowser[] = [];
  try {
    const port = await offhook.ask<number>('listen', await serverSettings(generator, recordings));
    await generator.ask('add', { port, calls: talking, overMs: 8_000 });
    await generator.ask('add', { port, calls: calls - talking, overMs: 8_000, silent: true });
    const rows: DeskRow[] = [];
    const measure = async (pages: readonly Page[]): Promise<void> => {
      const smooth = Promise.all(pages.map((page) => framesPerSecond(page, holdMs)));
      const [load, figures] = await measured(offhook, generator, holdMs);
      rows.push({
        browsers: pages.length,
        calls,
        cpuSecondsPerSecond: figures.cpuSeconds / figures.wallSeconds,
        pingP99Ms: load.pingP99Ms,
        framesPerSecond: pages.length === 0 ? undefined : Math.min(...(await smooth)),
      });
    };
    await measure([]);
    const pages: Page[] = [];
    for (let count = 0; count < browsers; count += 1) {
      // One page each: a page in the background draws less often.
      const browser = await startBrowser();
      open.push(browser);
      const page = await browser.context.newPage();
      await page.goto(`http://127.0.0.1:${port}/calls`);
      pages.push(page);
    }
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    await measure(pages);
    return rows;
  } finally {
    await Promise.all([...open.map((each) => each.close()), generator.kill(), offhook.kill()]);
    rmSync(recordings, { recursive: true, force: true });
  }
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
