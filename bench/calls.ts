import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Asked, startAsked } from './ask.ts';
import type { LoadFigures } from './generator.ts';
import type { ProcessFigures } from './process-figures.ts';

/** A number of calls counts as sustained if the p99 of WebSocket pings through their media streams is below this. */
const HELD_MS = 50;
const TRIES = 3;

export interface StepRow extends LoadFigures, ProcessFigures {
  readonly server: string;
  readonly held: boolean;
  readonly cpuSecondsPerCallMinute: number;
}

export interface CallsOptions {
  readonly settleMs: number;
  readonly holdMs: number;
  readonly steps: { readonly bare: readonly number[]; readonly offhook: readonly number[] };
  readonly priority?: number;
}

/** Increases the number of calls step by step for each server. Server and callers run on separate CPUs. */
export async function benchCalls(options: CallsOptions, tell: (row: StepRow) => void): Promise<StepRow[]> {
  const rows: StepRow[] = [];
  for (const server of ['bare', 'offhook'] as const) {
    if (options.steps[server].length === 0) continue;
    const recordings = mkdtempSync(path.join(tmpdir(), 'offhook-bench-'));
    const generator = await startAsked('generator.ts', { cpu: 1, ...priorityOf(options) });
    const asked = await startAsked(`${server}-server.ts`, {
      cpu: 0,
      ...priorityOf(options),
    });
    const port = await asked.ask<number>('listen', await serverSettings(generator, recordings));
    try {
      for (const calls of options.steps[server]) {
        const row = { server, ...(await step(asked, generator, port, calls, options)) };
        rows.push(row);
        tell(row);
        if (!row.held) break;
      }
    } finally {
      await Promise.all([generator.kill(), asked.kill()]);
      rmSync(recordings, { recursive: true, force: true });
    }
  }
  return rows;
}

export async function serverSettings(generator: Asked, recordings: string): Promise<Record<string, string>> {
  return {
    RECORDINGS_DIRECTORY: recordings,
    LOG_LEVEL: process.env['BENCH_LOG'] ?? 'error',
    OPENAI_API_KEY: 'bench',
    OPENAI_BASE_URL: await generator.ask<string>('services'),
  };
}

export function priorityOf({ priority }: { readonly priority?: number }): { priority?: number } {
  return priority === undefined ? {} : { priority };
}

async function step(
  server: Asked,
  generator: Asked,
  port: number,
  calls: number,
  { settleMs, holdMs }: CallsOptions,
): Promise<Omit<StepRow, 'server'>> {
  const { calls: there } = await generator.ask<LoadFigures>('end');
  // Spreads the starts over a whole round, so that callers do not speak simultaneously.
  await generator.ask('add', { port, calls: calls - there, overMs: settleMs });
  let [load, figures] = await measured(server, generator, holdMs);
  // Other load on the machine may spoil a measurement; a server that cannot sustain the calls fails every time.
  for (let tried = 1; tried < TRIES && !isHeld(load); tried += 1)
    [load, figures] = await measured(server, generator, holdMs);
  const held = isHeld(load);
  const cpuSecondsPerCallMinute = (figures.cpuSeconds * 60) / figures.wallSeconds / calls;
  return { ...load, ...figures, calls, held, cpuSecondsPerCallMinute };
}

function isHeld({ pingP99Ms, lost, failed }: LoadFigures): boolean {
  return pingP99Ms < HELD_MS && lost === 0 && failed === 0;
}

/** The measurements of both sides over that time. */
export async function measured(
  server: Asked,
  generator: Asked,
  holdMs: number,
): Promise<[LoadFigures, ProcessFigures]> {
  await Promise.all([server.ask('begin'), generator.ask('begin')]);
  await new Promise((resolve) => setTimeout(resolve, holdMs));
  return Promise.all([generator.ask<LoadFigures>('end'), server.ask<ProcessFigures>('end')]);
}
