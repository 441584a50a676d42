import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Calls in real time mostly wait: all of a file's are placed at once.
    maxConcurrency: 20,
  },
});
