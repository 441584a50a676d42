import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/app/system-clock.ts';
import { readJournal } from '../../src/journal/journal-reader.ts';
import { JournalStore } from '../../src/journal/journal-store.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { CallFinalizer } from '../../src/records/finalization/call-finalizer.ts';
import { JournalJobs } from '../../src/records/journal-jobs.ts';
import { newSid } from '../../src/simulator/phone/simulated-phone.ts';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import { callBegins, callEnds, utterance } from '../support/call-events.ts';
import { openFiles } from '../support/open-files.ts';
import { ownFolder } from '../support/own-folder.ts';

const OWNER = '11111111-1111-1111-1111-111111111111';
const CALLS = 300;
/** Other things of this process may open and close a file meanwhile; calls would do so by the hundred. */
const OTHERS = 20;

let folder: ReturnType<typeof ownFolder>;
let directories: DataDirectory;
let journals: JournalStore;
let rounds: NodeJS.Timeout;
let asked = 0;
let finishers: CallFinalizer[] = [];

beforeEach(async () => {
  folder = ownFolder();
  directories = new DataDirectory(folder.path);
  journals = new JournalStore({ directories, clock: systemClock });
  await journals.begin();
  rounds = setInterval(() => journals.flush(), 10);
});

afterEach(async () => {
  await Promise.all(finishers.map((finisher) => finisher.stop()));
  finishers = [];
  clearInterval(rounds);
  await journals.end();
  folder[Symbol.dispose]();
});

/** One whose transcriber is down. */
function finisher(): CallFinalizer {
  const made = new CallFinalizer({
    worker: new JournalJobs(readJournal),
    services: {
      transcriber: {
        transcribe: () => {
          asked += 1;
          return Promise.reject(new Error('down'));
        },
      },
    },
    settings: {
      ...{
        directory: directories.recordings,
        temporary: directories.temporary,
        channels: 'mono',
        sampleRateHz: 'auto',
      },
      ...{
        mp3Bitrate: 128,
        mp3Engine: 'wasm',
        finishWaitMs: 60_000,
        pendingDays: 36_500,
        keepJournals: false,
      },
    },
    clock: systemClock,
    observer: { finished: () => undefined, failed: () => undefined },
  });
  finishers.push(made);
  return made;
}

/** A call that has just ended and has no transcript. */
function ended(): Journal {
  const callSid = newSid('CA');
  const journal = journals.create(callSid, OWNER);
  for (const event of [...callBegins(callSid), utterance(1, 0, 20), callEnds(20)]) journal.append(event);
  return journal;
}

const finished = (by: CallFinalizer, of: readonly Journal[]): Promise<unknown> =>
  Promise.all(
    of.map((journal) =>
      by.finish({
        callSid: journal.callSid,
        journal,
        call: undefined,
        untranscribed: new Map(),
      }),
    ),
  );

const allOpen = (): number => readdirSync('/proc/self/fd').length;

test('hundreds of calls with pending texts hold no open files, also when they are resumed', async () => {
  const before = allOpen();
  const live = Array.from({ length: CALLS }, ended);
  await Promise.all(live.map((journal) => journal.written()));
  expect(openFiles(directories.journals)).toBe(CALLS);

  const first = finisher();
  await finished(first, live);
  expect(asked).toBe(CALLS);
  await vi.waitFor(() => expect(openFiles(directories.journals)).toBe(0));
  expect(allOpen() - before).toBeLessThan(OTHERS);
  expect(journals.figures.open).toBe(CALLS);

  await first.stop();
  const second = finisher();
  await finished(
    second,
    live.map(({ path, callSid }) => journals.resume(path, callSid)),
  );
  expect(asked).toBe(2 * CALLS);
  expect(openFiles(directories.journals)).toBe(0);
  expect(allOpen() - before).toBeLessThan(OTHERS);
});
