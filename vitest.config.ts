import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Most files wait for calls, servers and browsers in real time; they do so side by side, however few processors there are.
    maxWorkers: 4,
    // What is measured in real time may be held up by the rest; a second measurement has to be right.
    retry: 1,
    // Calls in real time mostly wait: all of a file's are placed at once.
    maxConcurrency: 20,
  },
});
