import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { TestProject } from 'vitest/node';

const BUILD = path.resolve(import.meta.dirname, '../../scripts/build/build.mjs');

/** Threads and commands run the build: it is made before the tests, and again before watched tests run again. */
export default function setup(project: TestProject): void {
  build();
  project.onTestsRerun(build);
}

function build(): void {
  execFileSync(process.execPath, [BUILD], { stdio: ['ignore', 'inherit', 'inherit'] });
}
