import { defineConfig } from 'vitest/config';
import LongestFirst from './test/setup/longest-first.ts';
import SecondTries from './test/setup/second-tries.ts';

/** A test file's suffix names its tier. Every other `*.test.ts` file is a unit test. */
const SUFFIXES = ['integration', 'external', 'browser', 'realtime'] as const;

/** Whole servers, processes and calls in real time: a third of the time is spent waiting. */
const INTEGRATION_WORKERS = 4;
const EXTERNAL_WORKERS = 4;
/** Browser tests mostly wait for speech in real time. */
const BROWSER_WORKERS = 4;
/** Four files need little more than one of two cores. */
const REALTIME_WORKERS = 4;

/** Processes, sockets and browsers depend on the machine. Unit tests are never repeated. A test that needs its second try is reported. */
const RETRIES = 1;

/** Ends a test that hangs. No assertion depends on these values. */
const HANG_MS = { unit: 60_000, other: 180_000 };

const filesOf = (suffix: (typeof SUFFIXES)[number]): string => `test/**/*.${suffix}.test.ts`;

export default defineConfig({
  test: {
    pool: 'forks',
    globalSetup: ['test/setup/temporary-directory.ts', 'test/support/build-once.ts'],
    reporters: ['default', new SecondTries()],
    testTimeout: HANG_MS.other,
    hookTimeout: HANG_MS.other,
    // Cases that are marked as concurrent mostly wait: all of a file's run at once.
    maxConcurrency: 20,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: SUFFIXES.map(filesOf),
          pool: 'threads',
          maxWorkers: '100%',
          // Half of the time would be spent loading the same modules again. No module keeps state that a test could change.
          isolate: false,
          testTimeout: HANG_MS.unit,
          hookTimeout: HANG_MS.unit,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: [filesOf('integration')],
          isolate: false,
          maxWorkers: INTEGRATION_WORKERS,
          retry: RETRIES,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'external',
          include: [filesOf('external')],
          globalSetup: 'test/setup/external.ts',
          maxWorkers: EXTERNAL_WORKERS,
          retry: RETRIES,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: [filesOf('browser')],
          globalSetup: 'test/setup/browser.ts',
          maxWorkers: BROWSER_WORKERS,
          retry: RETRIES,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: 'realtime',
          include: [filesOf('realtime')],
          globalSetup: 'test/setup/realtime.ts',
          runner: 'test/setup/realtime-runner.ts',
          maxWorkers: REALTIME_WORKERS,
          retry: RETRIES,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
