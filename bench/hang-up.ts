import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AudioFormat } from '../src/audio/formats/formats.ts';
import { ADVANCE_EVERY_MS } from '../src/app/storage/live-encoding.ts';
import { systemClock } from '../src/app/system-clock.ts';
import type { CallEvent } from '../src/events/call-events.ts';
import { JournalStore } from '../src/journal/journal-store.ts';
import type { Journal } from '../src/journal/journal.ts';
import { CallFinalizer } from '../src/records/finalization/call-finalizer.ts';
import type { FinalizerSettings } from '../src/records/finalization/finalizer-options.ts';
import { DataDirectory } from '../src/storage/data-directory.ts';
import { WorkerPool } from '../src/workers/worker-pool.ts';
import { madeCall } from './made-journal.ts';

const ROUND_EVENTS = 20_000;

/** The longest time from the end of a call to its files, by the length of the call in minutes. */
export const HANG_UP_GOAL_S: Readonly<Record<number, number>> = { 5: 0.5, 60: 1, 240: 2 };

export interface HangUpRow {
  readonly minutes: number;
  readonly format: AudioFormat;
  /** Whether the recording was encoded during the call. */
  readonly live: boolean;
  /** Of each round, sorted by the time until the files exist. */
  readonly rounds: readonly HangUp[];
}

/** From the end of a call until its files exist. `cpuSeconds`: of all threads; it depends less on other load. */
export interface HangUp {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/**
 * The time from the end of a call to its complete files. The call is made and written to its journal at once. Its recording is encoded as during a
 * call whose last step was as long before the end as it can be; the steps follow each other without a pause.
 */
export async function benchHangUp(
  lengths: readonly number[],
  formats: readonly AudioFormat[],
  rounds: number,
): Promise<HangUpRow[]> {
  const rows: HangUpRow[] = [];
  for (const minutes of lengths) {
    for (const format of formats) {
      const after: HangUp[] = [];
      const during: HangUp[] = [];
      for (let round = 0; round < rounds; round += 1) {
        after.push(await hangUp(minutes, format, false));
        during.push(await hangUp(minutes, format, true));
      }
      rows.push({ minutes, format, live: false, rounds: sorted(after) });
      rows.push({ minutes, format, live: true, rounds: sorted(during) });
    }
  }
  return rows;
}

async function hangUp(minutes: number, format: AudioFormat, live: boolean): Promise<HangUp> {
  const recordings = mkdtempSync(path.join(tmpdir(), 'offhook-bench-'));
  const callSid = `CA${'0'.repeat(32)}`;
  const directories = new DataDirectory(recordings);
  const settings: FinalizerSettings = {
    ...{ directory: recordings, temporary: directories.temporary, lock: directories.lock },
    ...{ channels: 'mono', sampleRateHz: 'auto', mp3Bitrate: 128, mp3Engine: 'wasm' },
    ...{ finishWaitMs: 15_000, pendingDays: 0, keepJournals: false },
  };
  const pool = new WorkerPool();
  const journals = new JournalStore({ directories, clock: systemClock });
  await journals.begin();
  const failures: unknown[] = [];
  const finalizer = new CallFinalizer({
    ...{ worker: pool, services: {}, settings, clock: systemClock },
    observer: { finished: () => undefined, failed: ({ error }) => void failures.push(error) },
  });
  try {
    const journal = journals.create(callSid, 'bench');
    const events = [...madeCall(callSid, minutes, format)];
    const end = events.pop()!;
    const isEarly = ({ atMs }: CallEvent): boolean => end.atMs - atMs > ADVANCE_EVERY_MS;
    await append(journal, events.filter(isEarly));
    if (live) while ((await pool.live.advance(journal.path, settings)) === 'behind');
    await append(
      journal,
      events.filter((event) => !isEarly(event)),
    );
    const since = performance.now();
    const cpu = process.cpuUsage();
    journal.append(end);
    await finalizer.finish({ callSid, journal, call: undefined, untranscribed: new Map() });
    const seconds = (performance.now() - since) / 1_000;
    const { user, system } = process.cpuUsage(cpu);
    if (failures.length > 0) throw new Error('the files were not written', { cause: failures[0] });
    return { seconds, cpuSeconds: (user + system) / 1e6 };
  } finally {
    await finalizer.stop();
    await Promise.all([pool.end(), journals.end()]);
    rmSync(recordings, { recursive: true, force: true });
  }
}

function sorted(rounds: readonly HangUp[]): HangUp[] {
  return rounds.toSorted((a, b) => a.seconds - b.seconds);
}

/** Resolves when the events are on disk, as they are 100 ms after they happened in a call. */
async function append(journal: Journal, events: readonly CallEvent[]): Promise<void> {
  for (const [index, event] of events.entries()) {
    journal.append(event);
    if (index % ROUND_EVENTS === 0) await journal.written();
  }
  await journal.written();
}
