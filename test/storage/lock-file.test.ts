import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { withLockFile } from '../../src/storage/lock-file.ts';
import { ownFolder } from '../support/own-folder.ts';

test('a lock file exists while the work runs, also if the work fails', () => {
  using folder = ownFolder();
  const lock = path.join(folder.path, 'lock.held');
  expect(withLockFile(lock, () => existsSync(lock))).toBe(true);
  expect(existsSync(lock)).toBe(false);
  expect(() =>
    withLockFile(lock, () => {
      throw new Error('failed');
    }),
  ).toThrow('failed');
  expect(existsSync(lock)).toBe(false);
});

test('a held lock is waited for, then refused as a passing error', () => {
  using folder = ownFolder();
  const lock = path.join(folder.path, 'lock.held');
  writeFileSync(lock, 'another process');
  const waits = { staleAfterMs: 60_000, waitMs: 0 };
  expect(() => withLockFile(lock, () => undefined, waits)).toThrow(
    expect.objectContaining({ code: 'EBUSY' }),
  );
  expect(existsSync(lock)).toBe(true);
});

test('the lock of a killed process is taken over', () => {
  using folder = ownFolder();
  const lock = path.join(folder.path, 'lock.held');
  writeFileSync(lock, 'a killed process');
  expect(withLockFile(lock, () => 'done', { staleAfterMs: 0, waitMs: 10_000 })).toBe('done');
  expect(existsSync(lock)).toBe(false);
});
