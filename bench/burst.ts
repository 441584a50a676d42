import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startAsked } from './ask.ts';
import { measured, serverSettings } from './calls.ts';
import type { LoadFigures } from './generator.ts';
import { percentile } from './percentile.ts';

export interface BurstOptions {
  /** Calls that are live before. */
  readonly live: number;
  readonly calls: number;
  readonly overMs: number;
  /** Processes with calls. */
  readonly workers: number;
}

export interface BurstRow extends BurstOptions {
  readonly answered: number;
  readonly lost: number;
  /** From the webhook's request to the end of its TwiML. */
  readonly twimlP50Ms: number;
  readonly twimlP99Ms: number;
  /** Of pings through the live calls' streams, before and from the burst on. */
  readonly pingP99BeforeMs: number;
  readonly pingP99Ms: number;
}

const SETTLE_MS = 4_000;

/** Calls come at once while others are live: how fast each is answered, and what the live ones notice. */
export async function benchBurst(options: BurstOptions): Promise<BurstRow> {
  const { live, calls, overMs, workers } = options;
  const recordings = mkdtempSync(path.join(tmpdir(), 'offhook-bench-'));
  const generator = await startAsked('generator.ts');
  const offhook = await startAsked('offhook-server.ts');
  try {
    const settings = await serverSettings(generator, recordings);
    const port = await offhook.ask<number>('listen', { ...settings, WORKERS: String(workers) });
    await generator.ask('add', { port, calls: live, overMs: SETTLE_MS });
    const [before] = await measured(offhook, generator, SETTLE_MS);
    await generator.ask('begin');
    const tookMs = await generator.ask<number[]>('ring', { port, calls, overMs });
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const load = await generator.ask<LoadFigures>('end');
    return {
      ...options,
      answered: load.calls - live,
      lost: load.lost + load.failed,
      twimlP50Ms: percentile(tookMs, 50),
      twimlP99Ms: percentile(tookMs, 99),
      pingP99BeforeMs: before.pingP99Ms,
      pingP99Ms: load.pingP99Ms,
    };
  } finally {
    await offhook.ask('killFurther');
    await Promise.all([generator.kill(), offhook.kill()]);
    rmSync(recordings, { recursive: true, force: true });
  }
}
