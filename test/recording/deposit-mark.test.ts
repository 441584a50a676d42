import { createHook } from 'node:async_hooks';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readMark, writeMark, type DepositMark } from '../../src/recording/deposit-mark.ts';
import { Folders } from '../../src/installation/folders.ts';
import { ownFolder } from '../support/own-folder.ts';

const SID = 'CA0123456789abcdef0123456789abcdef';
const MARK: DepositMark = {
  version: 1,
  store: 's3://bucket',
  json: { sha256: 'a', modifiedMs: 1, sizeBytes: 2 },
  files: [],
};

/** How many files and folders were opened meanwhile. */
async function opened(work: () => Promise<void>): Promise<number> {
  let count = 0;
  const hook = createHook({
    init: (_, type) => {
      if (type === 'FILEHANDLE') count += 1;
    },
  });
  hook.enable();
  await work().finally(() => hook.disable());
  return count;
}

test('a mark is on disk with its name: the folder is opened to be synced as well as the file', async () => {
  using folder = ownFolder();
  const folders = new Folders(folder.path);
  expect(await opened(() => writeMark(folders, SID, MARK))).toBe(2);
  expect(await readMark(folders.marks, SID)).toEqual(MARK);
  expect(readdirSync(folders.aside)).toEqual([]);
});

test('a mark that cannot be written leaves nothing behind', async () => {
  using folder = ownFolder();
  const { marks } = new Folders(folder.path);
  const aside = path.join(folder.path, 'missing');
  await expect(writeMark({ marks, aside }, SID, MARK)).rejects.toThrow('ENOENT');
  expect(readdirSync(marks)).toEqual([]);
});
