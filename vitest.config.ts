import { defineConfig } from 'vitest/config';

/** What is measured in real time to the millisecond: neither its calls nor its browsers may wait for other tests. */
const MEASURED = [
  'test/acceptance/*.test.ts',
  'test/crash/kill.test.ts',
  'test/pages/listening.test.ts',
  'test/pages/phone.test.ts',
  'test/pages/rough-network.test.ts',
];

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // What waits for servers, processes and browsers may be held up by the rest; a second try has to be right.
    retry: 1,
    // Calls in real time mostly wait: all of a file's are placed at once.
    maxConcurrency: 20,
    projects: [
      {
        extends: true,
        test: {
          name: 'everything else',
          include: ['test/**/*.test.ts'],
          exclude: MEASURED,
          sequence: { groupOrder: 0 },
          // Most files wait for calls and servers; they do so side by side, however few processors there are.
          maxWorkers: 4,
        },
      },
      {
        extends: true,
        test: {
          name: 'measured',
          include: MEASURED,
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
        },
      },
    ],
  },
});
