import { expect, test } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.ts';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import { sidOf } from '../support/catalogued-calls.ts';
import { ownFolder } from '../support/own-folder.ts';
import { runOffhook } from '../support/run-offhook.ts';
import { leaveCalls } from '../support/written-calls.ts';

const STORE = 's3://bucket/desk';

test('if only the store is missing, finish names it and requests no transcriber', async () => {
  using disk = ownFolder();
  const { receipts: marks } = new DataDirectory(disk.path);
  await leaveCalls(disk.path, [{ callSid: sidOf(1) }], { store: STORE, receipts: marks });
  const ran = await runOffhook('finish', [], {
    ...{ RECORDINGS_DIRECTORY: disk.path, RECORDINGS_STORE: STORE, S3_ENDPOINT: 'http://127.0.0.1:1' },
    ...{ S3_ACCESS_KEY_ID: 'key', S3_SECRET_ACCESS_KEY: 'secret' },
  });
  expect(ran.status).toBe(EXIT.inPart);
  expect(ran.stdout).toContain('0 calls finished, 0 not complete\n');
  expect(ran.stdout).toContain(`1 calls are not in the store: ${STORE} does not take them\n`);
  expect(ran.stdout).not.toContain('OPENAI_API_KEY');
});
