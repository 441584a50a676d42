import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startAsked } from './ask.ts';
import { measured, serverSettings } from './calls.ts';
import type { LoadFigures } from './generator.ts';
import { percentile } from './percentile.ts';
import type { ProcessFigures } from './process-figures.ts';

export interface WorkersOptions {
  /** Of each process. */
  readonly calls: number;
  readonly rounds: number;
  readonly settleMs: number;
  readonly holdMs: number;
}

export interface WorkersRow extends LoadFigures, ProcessFigures {
  readonly workers: number;
}

/**
 * Conversations in one process and twice as many in two, in turn, on all CPUs of the machine; the callers use them, too. The
 * calls of each process are the same, because a call costs less where a process has more of them.
 */
export async function benchWorkers({ rounds, ...options }: WorkersOptions): Promise<readonly WorkersRow[]> {
  const rows: WorkersRow[] = [];
  for (let round = 0; round < rounds; round += 1)
    for (const workers of [1, 2]) rows.push({ workers, ...(await measure(workers, options)) });
  return rows;
}

/** The calls of two processes with twice the CPU time, as a multiple of the calls of one process: the median of the rounds. */
export function callsByCpu(rows: readonly WorkersRow[]): number {
  const costs = (workers: number): number[] => rows.filter((row) => row.workers === workers).map(costOf);
  const two = costs(2);
  return percentile(
    costs(1).map((one, round) => (2 * one) / two[round]!),
    50,
  );
}

/** CPU seconds for a minute of a call. */
export function costOf({ cpuSeconds, wallSeconds, calls }: WorkersRow): number {
  return (cpuSeconds * 60) / wallSeconds / calls;
}

async function measure(
  workers: number,
  { calls, settleMs, holdMs }: Omit<WorkersOptions, 'rounds'>,
): Promise<LoadFigures & ProcessFigures> {
  const recordings = mkdtempSync(path.join(tmpdir(), 'offhook-bench-'));
  const generator = await startAsked('generator.ts');
  const offhook = await startAsked('offhook-server.ts');
  try {
    const settings = await serverSettings(generator, recordings);
    const port = await offhook.ask<number>('listen', { ...settings, WORKERS: String(workers) });
    await generator.ask('ring', { port, calls: calls * workers, overMs: settleMs });
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    const [load, figures] = await measured(offhook, generator, holdMs);
    return { ...load, ...figures };
  } finally {
    await offhook.ask('killFurther');
    await Promise.all([generator.kill(), offhook.kill()]);
    rmSync(recordings, { recursive: true, force: true });
  }
}
