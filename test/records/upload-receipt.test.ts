import { createHook } from 'node:async_hooks';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type UploadReceipt, readReceipt, writeReceipt } from '../../src/records/upload-receipt.ts';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import { ownFolder } from '../support/own-folder.ts';

const SID = 'CA0123456789abcdef0123456789abcdef';
const MARK: UploadReceipt = {
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

test('a receipt is synced with its directory', async () => {
  using folder = ownFolder();
  const directories = new DataDirectory(folder.path);
  expect(await opened(() => writeReceipt(directories, SID, MARK))).toBe(2);
  expect(await readReceipt(directories.receipts, SID)).toEqual(MARK);
  expect(readdirSync(directories.temporary)).toEqual([]);
});

test('a receipt that cannot be written leaves no file', async () => {
  using folder = ownFolder();
  const { receipts: marks } = new DataDirectory(folder.path);
  const aside = path.join(folder.path, 'missing');
  await expect(writeReceipt({ receipts: marks, temporary: aside }, SID, MARK)).rejects.toThrow('ENOENT');
  expect(readdirSync(marks)).toEqual([]);
});
