import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { CompletedCalls } from '../../../src/app/machines/completed-calls.ts';
import { OwnEntries } from '../../../src/app/storage/own-entries.ts';
import type { CatalogueEntry } from '../../../src/records/call-entry.ts';
import { writeReceipt } from '../../../src/records/upload-receipt.ts';
import { DataDirectory } from '../../../src/storage/data-directory.ts';
import { ownFolder } from '../../support/own-folder.ts';

const CALL = `CA${'0'.repeat(32)}`;

function record(directories: DataDirectory, store?: string): void {
  const json = { callSid: CALL, from: '+15550100', store };
  writeFileSync(path.join(directories.recordings, `call_${CALL}.json`), JSON.stringify(json));
}

test('files are complete without a store when they are there, and with one when they were uploaded from here', async () => {
  using own = ownFolder();
  const directories = new DataDirectory(own.path);
  const completed = new CompletedCalls(directories);
  expect(await completed.isFinished(CALL)).toBe(false);
  record(directories);
  expect(await completed.isFinished(CALL)).toBe(true);
  // Written by a process that was killed before the upload; another machine has written them again since.
  record(directories, 's3://bucket');
  expect(await completed.isFinished(CALL)).toBe(false);
  const json = { sha256: '', modifiedMs: 0, sizeBytes: 0 };
  await writeReceipt(directories, CALL, { version: 1, store: 's3://bucket', json, files: [] });
  expect(await completed.isFinished(CALL)).toBe(true);
});

test('calls of other machines are not entered in the catalogue from files that are here', async () => {
  const entry = { callSid: CALL } as unknown as CatalogueEntry;
  const of = (isOurs: boolean): OwnEntries =>
    new OwnEntries({ entry: () => Promise.resolve(entry) }, { mayFinish: () => Promise.resolve(isOurs) });
  expect(await of(true).entry('', CALL)).toBe(entry);
  expect(await of(false).entry('', CALL)).toBeUndefined();
});
