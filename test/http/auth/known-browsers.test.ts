import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BROWSER_COOKIE, KNOWN_FOR_MS, KnownBrowsers } from '../../../src/http/auth/known-browsers.ts';

let directory: string;
beforeEach(() => (directory = mkdtempSync(path.join(tmpdir(), 'offhook-browsers-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function open(
  failed: (error: unknown) => void = (error) => expect.unreachable(String(error)),
): KnownBrowsers {
  return new KnownBrowsers(path.join(directory, 'browser.key'), failed);
}

const cookie = (value: string): string => `theme=dark; ${BROWSER_COOKIE}=${value}`;

test('a browser is known for 180 days, to every process with the same key, and keeps its id', async () => {
  const value = cookie(await open().issue(undefined, 1_000));
  const id = await open().idOf(value, 1_000);
  expect(id).toMatch(/^[\w-]{22}$/);
  const renewed = cookie(await open().issue(value, 1_000 + KNOWN_FOR_MS));
  expect(await open().idOf(value, 1_001 + KNOWN_FOR_MS)).toBeUndefined();
  expect(await open().idOf(renewed, 1_001 + KNOWN_FOR_MS)).toBe(id);
});

test('a changed cookie is not known', async () => {
  const [id, issued, signature] = (await open().issue(undefined, 1_000)).split('.') as [
    string,
    string,
    string,
  ];
  for (const forged of [
    `${id}.9999.${signature}`,
    `${'A'.repeat(22)}.${issued}.${signature}`,
    `${id}.${issued}`,
    '',
  ])
    expect(await open().idOf(cookie(forged), 1_000)).toBeUndefined();
});

test('processes that start at once use one key and leave no other file', async () => {
  const values = await Promise.all(Array.from({ length: 5 }, () => open().issue(undefined, 0)));
  for (const value of values) expect(await open().idOf(cookie(value), 0)).toBeDefined();
  expect(readdirSync(directory)).toEqual(['browser.key']);
});

test('a damaged key is reported, and browsers are known until the process ends', async () => {
  writeFileSync(path.join(directory, 'browser.key'), 'short');
  const errors: unknown[] = [];
  const browsers = open((error) => errors.push(error));
  const value = cookie(await browsers.issue(undefined, 0));
  expect(await browsers.idOf(value, 0)).toBeDefined();
  expect(String(errors)).toContain('browser.key is not a key');
});
