import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startAsked } from './ask.ts';
import { measured, serverSettings } from './calls.ts';
import type { LoadFigures } from './generator.ts';
import type { ProcessFigures } from './process-figures.ts';

export interface WorkersOptions {
  readonly calls: number;
  /** One measurement with each. */
  readonly workers: readonly number[];
  readonly settleMs: number;
  readonly holdMs: number;
}

export interface WorkersRow extends LoadFigures, ProcessFigures {
  readonly workers: number;
}

/** The same conversations with one process and with several, on all CPUs of the machine; the callers use them, too. */
export async function benchWorkers(options: WorkersOptions): Promise<readonly WorkersRow[]> {
  const rows: WorkersRow[] = [];
  for (const workers of options.workers) rows.push({ workers, ...(await measure(workers, options)) });
  return rows;
}

async function measure(
  workers: number,
  { calls, settleMs, holdMs }: WorkersOptions,
): Promise<LoadFigures & ProcessFigures> {
  const recordings = mkdtempSync(path.join(tmpdir(), 'offhook-bench-'));
  const generator = await startAsked('generator.ts');
  const offhook = await startAsked('offhook-server.ts');
  try {
    const settings = await serverSettings(generator, recordings);
    const port = await offhook.ask<number>('listen', { ...settings, WORKERS: String(workers) });
    await generator.ask('ring', { port, calls, overMs: settleMs });
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    const [load, figures] = await measured(offhook, generator, holdMs);
    return { ...load, ...figures };
  } finally {
    await offhook.ask('killFurther');
    await Promise.all([generator.kill(), offhook.kill()]);
    rmSync(recordings, { recursive: true, force: true });
  }
}
