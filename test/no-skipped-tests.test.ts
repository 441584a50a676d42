import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const SKIPS = /\b(?:(?:it|test|describe)(?:\.\w+)*\.(?:skip|skipIf|runIf|todo|only|fails)|context\.skip)\b/gu;

/** What does not apply is not registered; what cannot be tried here says why in a test of its own. */
test('no test is skipped, postponed or run alone', () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && file !== path.basename(import.meta.filename),
  );
  expect(files.length).toBeGreaterThan(100);
  const found = files.flatMap((file) => {
    const text = readFileSync(path.join(import.meta.dirname, file), 'utf8');
    return (text.match(SKIPS) ?? []).map((skip) => `${file}: ${skip}`);
  });
  expect(found).toEqual([]);
  expect("describe.concurrent.runIf(here)('x'); it.skip('y')".match(SKIPS)).toHaveLength(2);
});
