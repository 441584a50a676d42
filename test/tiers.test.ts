import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const TIERS = ['integration', 'external', 'browser', 'realtime'];
const FILES = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.test.ts'),
);
/** `unit` for a file without a suffix of its own. */
const tierOf = (file: string): string => /\.([^.]+)\.test\.ts$/u.exec(file)?.[1] ?? 'unit';
const importsOf = (file: string): string =>
  [...readFileSync(path.join(import.meta.dirname, file), 'utf8').matchAll(/from '([^']+)'/gu)]
    .map(([, from]) => from!)
    .filter((from) => !from.includes('/src/'))
    .map((from) => path.basename(from))
    .join(' ');

/** What a tier may not import: the modules that need more than the tier has. */
const FORBIDDEN: Readonly<Record<string, RegExp>> = {
  unit: /\b(offhook|run-offhook|object-store|database-server|server-process|own-server|node:child_process|run-tool|tool-decoders|ffprobe|browser|file-limit|open-files)(\.ts)?\b/u,
  integration: /\b(run-tool|tool-decoders|ffprobe|browser|file-limit|open-files|pid-namespace)\.ts\b/u,
  external: /\bbrowser\.ts\b/u,
};

test('the suffix of every test file names a tier', () => {
  expect(FILES.length).toBeGreaterThan(100);
  expect([...new Set(FILES.map(tierOf))].filter((tier) => tier !== 'unit' && !TIERS.includes(tier))).toEqual(
    [],
  );
});

test.each(Object.keys(FORBIDDEN))('%s tests import nothing that needs another tier', (tier) => {
  const files = FILES.filter((file) => tierOf(file) === tier);
  expect(files.length).toBeGreaterThan(5);
  expect(files.filter((file) => FORBIDDEN[tier]!.test(importsOf(file)))).toEqual([]);
});
