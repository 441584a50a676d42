import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const DOCKERFILE = readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8').replaceAll('\\\n', ' ');
/** Packages that the running server uses if they are there. */
const KEPT = ['bufferutil'];

/** The paths that `COPY` takes from the checkout. */
function copiedFiles(): string[] {
  return [...DOCKERFILE.matchAll(/^COPY (?!--from)(.+) \S+$/gmu)].flatMap(([, names = '']) =>
    names.split(' '),
  );
}

test('the image copies existing files that .dockerignore does not exclude', () => {
  const admitted = readFileSync(path.join(ROOT, '.dockerignore'), 'utf8').match(/(?<=^!).+$/gmu) ?? [];
  const copied = copiedFiles();
  expect(copied.length).toBeGreaterThan(8);
  expect(copied.filter((name) => !existsSync(path.join(ROOT, name)))).toEqual([]);
  expect([...copied].sort()).toEqual([...admitted].sort());
});

test('the image removes all build packages', () => {
  const { optionalDependencies } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    optionalDependencies: Readonly<Record<string, string>>;
  };
  const removed = [...DOCKERFILE.matchAll(/optionalDependencies(?:\.(\S+)|\[([^\]]+)\])/gu)].map(
    ([, plain, inBrackets]) => plain ?? inBrackets,
  );
  const tools = Object.keys(optionalDependencies).filter((name) => !KEPT.includes(name));
  expect(removed.sort()).toEqual(tools.sort());
});

test('the image runs as an unprivileged user, has a health check, and is stopped by SIGTERM', () => {
  const final = DOCKERFILE.slice(DOCKERFILE.lastIndexOf('\nFROM '));
  expect(final).toMatch(/^USER node$/mu);
  expect(final).toMatch(/^HEALTHCHECK .*\/health/mu);
  expect(final).toMatch(/^STOPSIGNAL SIGTERM$/mu);
  expect(final).toMatch(/^VOLUME \["\/data\/responses", "\/data\/recordings"\]$/mu);
});
