import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodeRecord, JOURNAL_MAGIC } from '../../src/journal/record-codec.ts';
import { readCallRecord } from '../../src/records/call-record.ts';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import { withFileLock } from '../../src/storage/file-lock.ts';
import { WorkerPool } from '../../src/workers/worker-pool.ts';
import { sidOf } from '../support/catalogued-calls.ts';
import { ownFolder } from '../support/own-folder.ts';
import { eventsOf, leaveCalls } from '../support/written-calls.ts';

const CALL = { callSid: sidOf(1) };
let disk: ReturnType<typeof ownFolder>;
let directories: DataDirectory;
const pool = new WorkerPool(4);

beforeEach(async () => {
  disk = ownFolder();
  directories = new DataDirectory(disk.path);
  await leaveCalls(disk.path, [CALL]);
});
afterEach(() => disk[Symbol.dispose]());

const where = () => {
  const { recordings: directory, temporary, erasing, lock } = directories;
  return { directory, temporary, erasing, lock };
};

const change = (number: number) =>
  pool.change(where(), CALL.callSid, {
    kind: 'add-note',
    note: { id: `n${number}`, atMs: number, text: `note ${number}` },
  });

/** Writes the call's files again, as finishing does when a late text comes. */
function rewrite(journal: string): Promise<unknown> {
  return pool.write(journal, {
    ...where(),
    receipts: directories.receipts,
    ...{ channels: 'mono', sampleRateHz: 'auto', mp3Bitrate: 128, mp3Engine: 'wasm' },
  });
}

test('no note is lost when many threads add notes while the files are rewritten', async () => {
  const journal = path.join(disk.path, 'journal');
  writeFileSync(journal, Buffer.concat([JOURNAL_MAGIC, ...eventsOf(CALL).map(encodeRecord)]));
  const before = readCallRecord(disk.path, CALL.callSid)!;
  const numbers = Array.from({ length: 40 }, (_, index) => index);
  await Promise.all(
    numbers.flatMap((each) => (each % 8 === 0 ? [rewrite(journal), change(each)] : change(each))),
  );
  const { notes, ...after } = readCallRecord(disk.path, CALL.callSid)!;
  expect(notes?.map(({ atMs }) => atMs).sort((one, other) => one - other)).toEqual(numbers);
  expect(after).toEqual(before);
});

test('the lock is released with the process that held it, however it ends', async () => {
  const held = `
    const { withFileLock } = await import(${JSON.stringify(import.meta.resolve('../../src/storage/file-lock.ts'))});
    withFileLock(process.argv[1], () => {
      process.stdout.write('held');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const args = ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', held, directories.lock];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const blocked = change(1);
  const first = await Promise.race([
    blocked.then(() => 'changed'),
    once(child, 'exit').then(() => 'killed'),
    kill(),
  ]);
  expect(first).toBe('killed');
  expect((await blocked)?.notes).toHaveLength(1);

  /** Once the change has had every chance to go through: another thread's whole task is done. */
  async function kill(): Promise<never> {
    const journal = path.join(disk.path, 'journal');
    writeFileSync(journal, Buffer.concat([JOURNAL_MAGIC, ...eventsOf(CALL).map(encodeRecord)]));
    for (let looks = 0; looks < 20; looks += 1) await pool.read(journal);
    child.kill('SIGKILL');
    return new Promise<never>(() => undefined);
  }
});

test('failed work releases the lock', () => {
  expect(() =>
    withFileLock(directories.lock, () => {
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(withFileLock(directories.lock, () => 'again')).toBe('again');
});
