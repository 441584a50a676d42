import { utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FinalizationStatus } from '../../../src/app/storage/finalization-status.ts';
import { MaintenanceJobs } from '../../../src/app/storage/maintenance-jobs.ts';
import { OrphanFinalizer } from '../../../src/app/storage/orphan-finalizer.ts';
import { EmbeddedLeases } from '../../../src/storage/work-lease.ts';
import { ScheduledWork } from '../../../src/app/storage/scheduled-work.ts';
import { PendingJournals } from '../../../src/app/storage/pending-journals.ts';
import type { Transcriber } from '../../../src/call/ports.ts';
import type { Journal } from '../../../src/journal/journal.ts';
import { createLog } from '../../../src/log.ts';
import type { CallFiles } from '../../../src/records/write-call-files.ts';
import type { ReconstructedCall } from '../../../src/records/reconstructed-call.ts';
import type { OrphanedJournals } from '../../../src/recovery/orphaned-journals.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { DataDirectory, type JournalFile } from '../../../src/storage/data-directory.ts';
import { MemoryJournal } from '../../doubles/memory-journal.ts';
import { comesTrue } from '../../support/comes-true.ts';
import { ownFolder } from '../../support/own-folder.ts';

const [ONE, TWO] = [`CA${'1'.repeat(32)}`, `CA${'2'.repeat(32)}`] as const;
const NOW_MS = Date.parse('2026-07-13T10:00:00Z');
const DAY_MS = 86_400_000;

let disk: ReturnType<typeof ownFolder>;
let directories: DataDirectory;
let logged: string[];
const log = createLog({ level: 'info', destination: { write: (line) => void logged.push(line) } });

beforeEach(() => {
  disk = ownFolder();
  directories = new DataDirectory(disk.path);
  logged = [];
});
afterEach(() => disk[Symbol.dispose]());

const fullDisk = (): Error => Object.assign(new Error('no space left'), { code: 'ENOSPC' });

describe('FinalizationStatus', () => {
  it('counts a call as being finalized from its end until its files exist', () => {
    const status = new FinalizationStatus(directories.unwritten, log);
    status.begin(ONE);
    expect([status.has(ONE), status.has(TWO), status.finalizing]).toEqual([true, false, 1]);
    status.end(ONE);
    expect([status.has(ONE), status.finalizing]).toEqual([false, 0]);
  });

  it('shows why files are retried until they are written', () => {
    const status = new FinalizationStatus(directories.unwritten, log);
    status.failed({ kind: 'transient', callSid: ONE, doing: 'writing the files', error: fullDisk() });
    expect([...status.retrying]).toEqual([[ONE, 'Error: ENOSPC: no space left']]);
    const files = { json: { pending: 0 }, lines: [] } as unknown as CallFiles;
    status.finished({ kind: 'finished', callSid: ONE, files, tookMs: 5 });
    expect(status.retrying.size).toBe(0);
  });

  it('keeps the reason of a permanent failure on disk, and the call counts as finished', () => {
    const status = new FinalizationStatus(directories.unwritten, log);
    const error = new RangeError('MP3 is written at 8000 Hz');
    status.failed({ kind: 'unwritten', callSid: ONE, doing: 'writing the files', error });
    expect(directories.unwritten.reasonOf(ONE)).toContain('MP3 is written at');
    expect(status.has(ONE)).toBe(true);
    expect(logged).toEqual([expect.stringContaining('call files could not be written')]);
  });
});

describe('PendingJournals', () => {
  const journals = (transcriber?: Transcriber): PendingJournals =>
    new PendingJournals({
      directories,
      services: transcriber ? { transcriber } : {},
      pendingDays: 30,
      clock: { now: () => NOW_MS },
    });
  const leave = (callSid: string, days: number): void => {
    const file = directories.pendingPath(callSid);
    writeFileSync(file, '');
    const at = new Date(NOW_MS - days * DAY_MS);
    utimesSync(file, at, at);
  };

  it('is due after PENDING_DAYS, or as soon as a transcriber is configured', () => {
    leave(ONE, 31);
    leave(TWO, 29);
    expect(
      journals()
        .due()
        .map(({ callSid }) => callSid),
    ).toEqual([ONE]);
    const transcriber = { transcribe: () => Promise.resolve('') };
    expect(
      journals(transcriber)
        .due()
        .map(({ callSid }) => callSid)
        .sort(),
    ).toEqual([ONE, TWO]);
  });

  it('is not due if its files could not be written', () => {
    leave(ONE, 31);
    directories.unwritten.add(ONE, 'a mistake');
    expect(journals().due()).toEqual([]);
    expect(
      journals()
        .unwritten()
        .map(({ callSid }) => callSid),
    ).toEqual([ONE]);
  });
});

describe('OrphanFinalizer', () => {
  function scene(call: Partial<ReconstructedCall>, writtenAtMs: number) {
    const clock = new VirtualClock(NOW_MS);
    const path = directories.journalPath(ONE, '11111111-1111-1111-1111-111111111111');
    writeFileSync(path, '');
    utimesSync(path, writtenAtMs / 1_000, writtenAtMs / 1_000);
    const journal: JournalFile = { callSid: ONE, owner: 'crashed', path };
    const appended = new MemoryJournal();
    const finished: string[] = [];
    const finalizer = new OrphanFinalizer({
      directories,
      orphans: {
        claim: () =>
          Promise.resolve({
            kind: 'open',
            identity: { callSid: ONE, from: '', to: '' },
            journal: appended as unknown as Journal,
            history: { zeroAtMs: 1_000, endMs: 500 },
          }),
      } as unknown as OrphanedJournals,
      worker: { read: () => Promise.resolve(call as ReconstructedCall) },
      finalizer: { finish: ({ callSid }) => Promise.resolve(void finished.push(callSid)) },
      log,
      clock,
    });
    return { finalizer, journal, appended, finished, clock, path };
  }

  it('ends a live call 30 s after its last event, at that event', async () => {
    const { finalizer, journal, appended, finished, clock } = scene({}, NOW_MS - 10_000);
    const work = finalizer.finishAll([journal]);
    await clock.goTo(NOW_MS + 19_900);
    expect(finished).toEqual([]);
    await clock.goTo(NOW_MS + 20_100);
    await work;
    expect(finished).toEqual([ONE]);
    expect(appended.events).toEqual([{ kind: 'end', atMs: 1_500, reason: 'interrupted' }]);
  });

  it('does not touch a call that another process continues meanwhile', async () => {
    const { finalizer, journal, finished, clock, path } = scene({}, NOW_MS - 10_000);
    const work = finalizer.finishAll([journal]);
    await comesTrue('it waits', () => logged.some((line) => line.includes('waiting for the caller')));
    utimesSync(path, NOW_MS / 1_000, NOW_MS / 1_000);
    await clock.goTo(NOW_MS + 21_000);
    await work;
    expect(finished).toEqual([]);
  });

  it('does not wait for a call that has ended', async () => {
    const { finalizer, journal, finished } = scene({ endReason: 'completed' }, NOW_MS);
    await finalizer.finishAll([journal]);
    expect(finished).toEqual([ONE]);
  });
});

describe('MaintenanceJobs', () => {
  it('never runs two instances of a job at once, and repeats a failed one', async () => {
    const runs: (() => void)[] = [];
    const eraser = {
      resumeInterrupted: () => new Promise<void>((_, reject) => runs.push(() => reject(new Error('down')))),
    };
    const jobs = new MaintenanceJobs({
      eraser,
      retentionDays: 0,
      work: new ScheduledWork(new EmbeddedLeases()),
      hasMachines: false,
      log,
      clock: { now: () => NOW_MS },
    });
    const first = jobs.resumeErasures();
    await jobs.resumeErasures();
    expect(runs).toHaveLength(1);
    runs[0]!();
    await first;
    expect(logged).toEqual([expect.stringContaining('maintenance job failed; will retry')]);
    void jobs.resumeErasures();
    expect(runs).toHaveLength(2);
  });
});
