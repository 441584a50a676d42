import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CallFileSettings } from '../src/records/write-call-files.ts';
import { startAsked } from './ask.ts';
import { measured, priorityOf, serverSettings } from './calls.ts';
import type { LoadFigures } from './generator.ts';
import { makeJournal } from './made-journal.ts';
import type { ProcessFigures } from './process-figures.ts';

/** The maximum delay of a live call, at the 99th percentile. */
export const FINISHING_GOAL_MS = 20;

export interface FinishingRow extends LoadFigures, ProcessFigures {
  readonly encoding: number;
}

export interface FinishingOptions {
  readonly calls: number;
  readonly encoded: number;
  readonly encodedMinutes: number;
  readonly settleMs: number;
  readonly holdMs: number;
  readonly priority?: number;
}

/** Measures live calls alone, and while other calls are being encoded, on all CPUs of the machine. */
export async function benchFinishing(options: FinishingOptions): Promise<FinishingRow[]> {
  const { calls, encoded, encodedMinutes, settleMs, holdMs } = options;
  const recordings = mkdtempSync(path.join(tmpdir(), 'offhook-bench-'));
  const journals = Array.from({ length: encoded }, (_, index) => {
    const callSid = `CA${String(index).padStart(32, '0')}`;
    const file = path.join(recordings, `${callSid}.journal`);
    makeJournal(file, callSid, encodedMinutes);
    return file;
  });
  const settings: CallFileSettings = {
    ...{ directory: recordings, temporary: path.join(recordings, 'aside') },
    ...{ channels: 'mono', sampleRateHz: 'auto', mp3Bitrate: 128, mp3Engine: 'wasm' },
  };
  const generator = await startAsked('generator.ts', priorityOf(options));
  const server = await startAsked('offhook-server.ts', priorityOf(options));
  try {
    const port = await server.ask<number>('listen', await serverSettings(generator, recordings));
    await generator.ask('add', { port, calls, overMs: settleMs });
    const [load, figures] = await measured(server, generator, holdMs);
    let done = false;
    const finished = server.ask<number>('finish', { journals, settings }).finally(() => (done = true));
    const [loadThen, figuresThen] = await measured(server, generator, holdMs);
    if (done) throw new Error('the encoding ended before the measurement: use longer calls');
    finished.catch(() => undefined);
    return [
      { encoding: 0, ...load, ...figures },
      { encoding: encoded, ...loadThen, ...figuresThen },
    ];
  } finally {
    await Promise.all([generator.kill(), server.kill()]);
    rmSync(recordings, { recursive: true, force: true });
  }
}
