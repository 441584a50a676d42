import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isBuilt, readBuildRecord } from '../../scripts/build/sources.mjs';
import { writeBuild } from '../../scripts/build/write-build.mjs';
import { ownFolder } from '../support/own-folder.ts';

const DAYS_MS = 24 * 3_600_000;
let folder: ReturnType<typeof ownFolder>;
let root: string;

beforeEach(() => {
  folder = ownFolder();
  root = path.join(folder.path, 'checkout');
  mkdirSync(path.join(root, 'src'), { recursive: true });
  changeSource('one');
});

afterEach(() => folder[Symbol.dispose]());

function changeSource(text: string): void {
  writeFileSync(path.join(root, 'src/main.ts'), text);
}

/** A build in the least time: one file. */
function build(): Promise<string> {
  return writeBuild(root, (directory: string) => {
    writeFileSync(path.join(directory, 'made'), '');
    return Promise.resolve();
  });
}

function inDist(): string[] {
  return readdirSync(path.join(root, 'dist')).sort();
}

describe('a build', () => {
  test('is found until a source changes', async () => {
    expect(isBuilt(root)).toBe(false);
    const first = await build();
    expect(isBuilt(root)).toBe(true);
    changeSource('two');
    expect(isBuilt(root)).toBe(false);
    expect(await build()).not.toBe(first);
    expect(isBuilt(root)).toBe(true);
  });

  test('is found in a copy whose files have other times', async () => {
    await build();
    const copy = path.join(folder.path, 'copy of it');
    cpSync(root, copy, { recursive: true });
    utimesSync(path.join(copy, 'src/main.ts'), new Date(0), new Date(0));
    expect(isBuilt(copy)).toBe(true);
    // From its times, now that they are known.
    expect(isBuilt(copy)).toBe(true);
  });

  test('is not found built if its directory is missing', async () => {
    const directory = await build();
    rmSync(directory, { recursive: true });
    expect(isBuilt(root)).toBe(false);
  });

  test('does not disturb a simultaneous build', async () => {
    const [one, other] = await Promise.all([build(), build()]);
    expect(one).toBe(other);
    expect(inDist()).toEqual([path.basename(one), 'build.json', 'index.js'].sort());
    expect(existsSync(path.join(one, 'made'))).toBe(true);
  });

  test('that fails leaves the previous one and no other files', async () => {
    const first = await build();
    const before = inDist();
    changeSource('broken');
    const failure = writeBuild(root, () => Promise.reject(new Error('a source cannot be read')));
    await expect(failure).rejects.toThrow('a source cannot be read');
    expect(inDist()).toEqual(before);
    expect(readBuildRecord(root)?.directory).toBe(path.basename(first));
  });

  test('keeps the replaced one for a day, for servers that run from it', async () => {
    const first = await build();
    utimesSync(first, new Date(0), new Date(0));
    changeSource('two');
    const second = await build();
    expect(existsSync(first)).toBe(true);
    const longAgo = new Date(Date.now() - 2 * DAYS_MS);
    utimesSync(first, longAgo, longAgo);
    changeSource('three');
    await build();
    expect([existsSync(first), existsSync(second)]).toEqual([false, true]);
  });
});
