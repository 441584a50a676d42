import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeRecord, JOURNAL_MAGIC } from '../../src/journal/record-codec.ts';
import { eraseByAge, eraseByNumber } from '../../src/retention/bulk-erasure.ts';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import { openOffice, type OwnOffice } from '../support/call-storage.ts';
import { sidOf } from '../support/catalogued-calls.ts';
import { comesTrue } from '../support/comes-true.ts';
import { BUCKET, ObjectStore } from '../support/object-store.ts';
import { ownFolder } from '../support/own-folder.ts';
import { eventsOf, leaveCalls, type WrittenCall } from '../support/written-calls.ts';

const NUMBER = '+493055566677';
const OTHER = '+493099999999';
const AT_MS = Date.parse('2026-07-13T10:00:00Z');

let disk: ReturnType<typeof ownFolder>;
let offices: OwnOffice[];

beforeEach(() => {
  disk = ownFolder();
  offices = [];
});
afterEach(async () => {
  await Promise.all(offices.map(({ end }) => end()));
  disk[Symbol.dispose]();
});

/** An office that has entered all calls that lie in the folder. */
async function open(
  ...more: [Record<string, string>?, Parameters<typeof openOffice>[2]?]
): Promise<OwnOffice> {
  const own = await openOffice(disk.path, ...more);
  offices.push(own);
  await own.maintenance.resumeUploads();
  const finished = new DataDirectory(disk.path).finishedCalls();
  await comesTrue('all calls are entered', async () => {
    const { items } = await own.catalogue.list({ state: 'finished' }, { limit: 200 });
    return items.length === finished.length;
  });
  return own;
}

function leaveJournal(file: string, call: WrittenCall): void {
  writeFileSync(file, Buffer.concat([JOURNAL_MAGIC, ...eventsOf(call).map(encodeRecord)]));
}

/**
 * Every file of the installation in which any of these stands: recordings, working state, the database. The finisher may rename a
 * file of another call meanwhile; what is gone when it is read does not count.
 */
function filesWith(...texts: readonly string[]): string[] {
  const names = readdirSync(disk.path, { recursive: true, withFileTypes: true });
  const files = names
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  return files.filter((file) => {
    const content = contentOf(file).toLowerCase();
    return texts.some(
      (text) => content.includes(text.toLowerCase()) || (file.includes(text) && existsSync(file)),
    );
  });
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return '';
  }
}

describe('erasing', () => {
  test('of a number leaves no trace in the directory and the database', async () => {
    const [from, to] = [
      { callSid: sidOf(1), from: NUMBER },
      { callSid: sidOf(2), to: '0049 30 555-666 77' },
    ];
    const other = { callSid: sidOf(3), from: OTHER };
    const bySip = { callSid: sidOf(6), from: `sip:${NUMBER}@example.com;transport=tcp` };
    await leaveCalls(disk.path, [from, to, other, bySip]);
    const directories = new DataDirectory(disk.path);
    leaveJournal(directories.keptPath(sidOf(1)), from);
    leaveJournal(directories.pendingPath(sidOf(2)), to);
    leaveJournal(directories.keptPath(sidOf(4)), { callSid: sidOf(4), from: NUMBER });
    const { storage, catalogue, logged, end } = await open();
    expect(filesWith(NUMBER, '555-666').length).toBeGreaterThan(5);
    const receipt = await eraseByNumber(storage.erasures!, '+49 (30) 555 666 77');
    expect(receipt.asked).toEqual({ number: '…77' });
    expect(receipt.calls.map(({ callSid }) => callSid).sort()).toEqual([1, 2, 4, 6].map(sidOf));
    expect(receipt.refused).toEqual([]);
    expect(receipt.calls.find(({ callSid }) => callSid === sidOf(1))).toMatchObject({
      catalogue: 'removed',
      files: expect.arrayContaining([
        `call_${sidOf(1)}.json`,
        `call_${sidOf(1)}_conversation.wav`,
        `.offhook/kept/${sidOf(1)}.journal`,
      ]) as string[],
    });
    await end();
    expect(filesWith(NUMBER, NUMBER.slice(1), '555-666')).toEqual([]);
    // Only what says that they were removed still names the calls.
    expect(filesWith(sidOf(1), sidOf(2), sidOf(4), sidOf(6))).toEqual([
      path.join(directories.state, 'removed.log'),
    ]);
    expect(JSON.stringify([receipt, logged])).not.toMatch(/5556|555-6|invoice/);
    expect(filesWith(OTHER).length).toBeGreaterThan(2);
    await catalogue.close();
  });

  test('a withheld number takes nothing, unless all withheld numbers are named', async () => {
    const [code, word, other] = [
      { callSid: sidOf(1), from: '+266696687' },
      { callSid: sidOf(2), from: 'Anonymous' },
      { callSid: sidOf(3), from: OTHER },
    ];
    await leaveCalls(disk.path, [code, word, other]);
    const { storage, catalogue } = await open();
    for (const form of ['+266696687', 'anonymous', '+7378742833', 'sip:anonymous@anonymous.invalid'])
      await expect(eraseByNumber(storage.erasures!, form)).rejects.toThrow(
        /stands for every withheld number/,
      );
    const { items } = await catalogue.list({ number: 'withheld' }, { limit: 10 });
    expect(items.map(({ callSid, from }) => [callSid, from])).toEqual(
      expect.arrayContaining([1, 2].map((each) => [sidOf(each), 'number withheld'])),
    );
    const receipt = await eraseByNumber(storage.erasures!, 'withheld');
    expect(receipt.asked).toEqual({ number: 'number withheld' });
    expect(receipt.calls.map(({ callSid }) => callSid).sort()).toEqual([1, 2].map(sidOf));
  });

  test('leaves no words in the files of an open database, its index and its log', async () => {
    await leaveCalls(disk.path, [{ callSid: sidOf(1), from: NUMBER }]);
    const { storage, catalogue } = await open();
    const database = () => filesWith('invoice', NUMBER).filter((file) => file.includes('catalogue.db'));
    expect(database()).not.toEqual([]);
    expect((await storage.eraser.erase(sidOf(1), 'asked')).outcome).toBe('erased');
    expect(database()).toEqual([]);
    expect(await catalogue.list({}, { limit: 1 })).toEqual({ items: [] });
  });

  test('is refused, and reported, for a call that is on hold or live', async () => {
    const [held, free] = [1, 2].map((number) => ({ callSid: sidOf(number), from: NUMBER }));
    await leaveCalls(disk.path, [held!, free!]);
    const { storage } = await open();
    await storage.annotate(sidOf(1), { kind: 'hold', hold: { sinceMs: 1, reason: 'court' } });
    const directories = new DataDirectory(disk.path);
    leaveJournal(directories.journalPath(sidOf(5), '11111111-1111-1111-1111-111111111111'), {
      callSid: sidOf(5),
      from: NUMBER,
    });
    const receipt = await eraseByNumber(storage.erasures!, NUMBER);
    expect(receipt.calls.map(({ callSid }) => callSid)).toEqual([sidOf(2)]);
    expect(receipt.refused).toEqual(
      expect.arrayContaining([
        { callSid: sidOf(1), why: 'on hold' },
        { callSid: sidOf(5), why: 'still going on' },
      ]),
    );
    expect(existsSync(path.join(disk.path, `call_${sidOf(1)}_conversation.wav`))).toBe(true);
  });

  test('is resumed after an interruption', async () => {
    await leaveCalls(disk.path, [{ callSid: sidOf(1), from: NUMBER }]);
    const { storage, catalogue } = await open();
    const directories = new DataDirectory(disk.path);
    // As far as a process comes that is killed right after its first step.
    writeFileSync(
      path.join(directories.erasing, `${sidOf(1)}.json`),
      JSON.stringify({
        version: 1,
        callSid: sidOf(1),
        because: 'asked',
        atMs: AT_MS,
        urls: [],
        files: [],
        hadEntry: true,
      }),
    );
    await storage.eraser.resumeInterrupted();
    expect(filesWith(NUMBER)).toEqual([]);
    expect(await catalogue.get(sidOf(1))).toBeUndefined();
    expect(readdirSync(directories.erasing)).toEqual([]);
    expect((await storage.eraser.erase(sidOf(1), 'asked')).outcome).toBe('no-such-call');
  });

  test('by two processes at once gives each the complete receipt, or no such call', async () => {
    const calls = Array.from({ length: 12 }, (_, index) => ({ callSid: sidOf(index + 1), from: NUMBER }));
    await leaveCalls(disk.path, calls);
    const [one, other] = [await open(), await open()];
    const files = (callSid: string) =>
      ['.json', '.txt', '_summary.txt', '_conversation.wav'].map((end) => `call_${callSid}${end}`);
    for (const { callSid } of calls) {
      const erasures = await Promise.all(
        [one, other].map(({ storage }) => storage.eraser.erase(callSid, 'asked')),
      );
      const receipts = erasures.flatMap((erasure) => ('receipt' in erasure ? [erasure.receipt] : []));
      expect(receipts.length).toBeGreaterThan(0);
      for (const receipt of receipts) {
        expect(receipt).toMatchObject({ callSid, catalogue: 'removed' });
        expect(receipt.files.toSorted()).toEqual(expect.arrayContaining(files(callSid).toSorted()));
      }
      for (const { outcome } of erasures) expect(['erased', 'no-such-call']).toContain(outcome);
    }
    expect(filesWith(NUMBER)).toEqual([]);
  });

  test('makes the process that awaits a text of the call release it', async () => {
    const directories = new DataDirectory(disk.path);
    const calls = [1, 2].map((number) => ({ callSid: sidOf(number), from: NUMBER }));
    await leaveCalls(disk.path, calls);
    for (const call of calls) leaveJournal(directories.pendingPath(call.callSid), call);
    const down = { transcribe: () => Promise.reject(new Error('down')) };
    const holder = await open({ PENDING_DAYS: '3650' }, { transcriber: down });
    void holder.maintenance.start({ resume: () => false });
    await comesTrue('their journals are held', () => directories.activeJournals().length === 2);
    expect((await holder.storage.eraser.erase(sidOf(1), 'asked')).outcome).toBe('erased');
    expect(filesWith(sidOf(1))).toEqual([path.join(directories.state, 'removed.log')]);
    const other = await open();
    const erasure = other.storage.eraser.erase(sidOf(2), 'asked');
    await comesTrue('the holder knows', () => directories.callsBeingErased().length === 1);
    await holder.storage.eraser.resumeInterrupted();
    expect((await erasure).outcome).toBe('erased');
    expect(directories.activeJournals()).toEqual([]);
    expect(filesWith(NUMBER)).toEqual([]);
  });

  test('includes files in the store; while the store is down it stays incomplete', async () => {
    mkdirSync(path.join(disk.path, 'server'));
    const store = await ObjectStore.start(path.join(disk.path, 'server'));
    const url = `s3://${BUCKET}/desk`;
    const marks = new DataDirectory(disk.path).receipts;
    await leaveCalls(
      disk.path,
      [1, 2].map((number) => ({ callSid: sidOf(number), from: NUMBER })),
      {
        store: url,
        receipts: marks,
      },
    );
    const { storage, end } = await open({
      ...{ RECORDINGS_STORE: url, S3_ENDPOINT: store.endpoint },
      ...{ S3_ACCESS_KEY_ID: 'S3RVER', S3_SECRET_ACCESS_KEY: 'S3RVER' },
    });
    await comesTrue('both calls are in the store', () => storage.uploads?.waiting === 0);
    expect(store.keys('desk')).toHaveLength(8);
    const erased = await storage.eraser.erase(sidOf(1), 'asked');
    expect(erased).toMatchObject({ outcome: 'erased', receipt: { remote: { length: 4 } } });
    expect(store.keys('desk').filter((name) => name.includes(sidOf(1)))).toEqual([]);
    await store.goDown();
    const begun = await storage.eraser.erase(sidOf(2), 'asked');
    expect(begun).toMatchObject({ outcome: 'incomplete', receipt: { left: { length: 4 } } });
    await store.comeBack();
    await storage.eraser.resumeInterrupted();
    expect(store.keys('desk')).toEqual([]);
    expect(readdirSync(marks)).toEqual([]);
    await end();
    await store.stop();
  });

  test('by age runs automatically if RETENTION_DAYS is set', async () => {
    const day = 86_400_000;
    const calls = [1, 40].map((days) => ({ callSid: sidOf(days), startedAtMs: Date.now() - days * day }));
    await leaveCalls(disk.path, calls);
    const own = await open({ RETENTION_DAYS: '30' });
    await own.maintenance.start({ resume: () => false });
    const directories = new DataDirectory(disk.path);
    await comesTrue('the old one is gone', () => directories.finishedCalls().length === 1);
    await comesTrue('the log says so', () =>
      own.logged.some((line) => line.includes('expired calls erased') && line.includes('"removed":1')),
    );
    expect(directories.finishedCalls()).toEqual([sidOf(1)]);
    expect(filesWith(sidOf(40))).toEqual([path.join(directories.state, 'removed.log')]);
  });

  test('by age removes older calls without a hold, and logs them', async () => {
    const day = 86_400_000;
    const calls = [1, 2, 3].map((number) => ({ callSid: sidOf(number), startedAtMs: AT_MS - number * day }));
    await leaveCalls(disk.path, calls);
    const { storage, catalogue } = await open();
    await storage.annotate(sidOf(3), { kind: 'hold', hold: { sinceMs: 1, reason: 'court' } });
    await comesTrue('the hold is entered', async () => (await catalogue.get(sidOf(3)))?.hold !== undefined);
    const { calls: removed } = await eraseByAge(storage.erasures!, AT_MS - 1.5 * day);
    expect(removed.map(({ callSid, because }) => [callSid, because])).toEqual([[sidOf(2), 'age']]);
    expect(new DataDirectory(disk.path).finishedCalls().sort()).toEqual([sidOf(1), sidOf(3)]);
    const [line, ...more] = readFileSync(path.join(disk.path, '.offhook/removed.log'), 'utf8')
      .trim()
      .split('\n');
    expect(more).toEqual([]);
    expect(JSON.parse(line!)).toMatchObject({ callSid: sidOf(2), because: 'age' });
  });
});
