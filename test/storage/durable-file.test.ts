import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { digestOf, DurableFile } from '../../src/storage/durable-file.ts';
import { ownFolder } from '../support/own-folder.ts';

test('a file exists only when it is complete, with the written content', () => {
  using folder = ownFolder();
  const target = path.join(folder.path, 'out', 'a.txt');
  const aside = path.join(folder.path, 'aside');
  const file = new DurableFile(target, aside);
  file.append(Buffer.from('one two'));
  file.append(Buffer.from(' three'));
  file.patch(4, Buffer.from('TWO'));
  expect(existsSync(target)).toBe(false);
  expect(readdirSync(aside)).toHaveLength(1);
  const written = file.commit();
  expect(readFileSync(target, 'utf8')).toBe('one TWO three');
  expect(written).toEqual({ path: target, ...digestOf(target) });
  expect(written.sizeBytes).toBe(13);
  expect(readdirSync(aside)).toEqual([]);
});

test('a file that is shorter on disk than written is not kept', () => {
  using folder = ownFolder();
  const target = path.join(folder.path, 'a.bin');
  const aside = path.join(folder.path, 'aside');
  const file = new DurableFile(target, aside);
  file.append(Buffer.alloc(1_000, 1));
  writeFileSync(path.join(aside, readdirSync(aside)[0]!), 'cut');
  expect(() => file.commit()).toThrow('a.bin is 3 bytes, not 1000');
  expect(existsSync(target)).toBe(false);
  expect(readdirSync(aside)).toEqual([]);
});

test('a descriptor is closed once, even if the file is given up after a failed commit', () => {
  using folder = ownFolder();
  const target = path.join(folder.path, 'directory');
  const aside = path.join(folder.path, 'aside');
  mkdirSync(target);
  const file = new DurableFile(target, aside);
  file.append(Buffer.from('text'));
  expect(() => file.commit()).toThrow(/EISDIR/);
  // These files have the number of the closed descriptor and the ones after it.
  const others = Array.from({ length: 5 }, (_, i) => openSync(path.join(folder.path, `other-${i}`), 'w'));
  file.abandon();
  for (const other of others) expect(() => fstatSync(other)).not.toThrow();
  for (const other of others) closeSync(other);
  expect(readdirSync(aside)).toEqual([]);
});
