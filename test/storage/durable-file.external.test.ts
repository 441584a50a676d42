import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { digestOf, writeDurably } from '../../src/storage/durable-file.ts';
import { limitFiles } from '../support/file-limit.ts';
import { ownFolder } from '../support/own-folder.ts';

test('a full disk leaves no new or temporary file, and keeps the previous one', () => {
  using folder = ownFolder();
  const target = path.join(folder.path, 'a.bin');
  const aside = path.join(folder.path, 'aside');
  writeFileSync(target, 'the one before');
  const lift = limitFiles(10_000);
  try {
    expect(() => writeDurably(target, aside, 'x'.repeat(9_999))).not.toThrow();
    writeFileSync(target, 'the one before');
    expect(() => writeDurably(target, aside, 'x'.repeat(30_000))).toThrow(/EFBIG|ENOSPC/);
  } finally {
    lift();
  }
  expect(readFileSync(target, 'utf8')).toBe('the one before');
  expect(readdirSync(aside)).toEqual([]);
  writeDurably(target, aside, 'x'.repeat(30_000));
  expect(digestOf(target).sizeBytes).toBe(30_000);
});
