import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import { reindex } from '../../src/catalogue/reindex.ts';
import type { CatalogueEntry } from '../../src/records/call-entry.ts';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import { openOffice, type OwnOffice } from '../support/call-storage.ts';
import { finishedCall, liveCall, sidOf, sidOfHit } from '../support/catalogued-calls.ts';
import { comesTrue } from '../support/comes-true.ts';
import { ownFolder } from '../support/own-folder.ts';
import { leaveCalls } from '../support/written-calls.ts';

/** More than are entered together. */
const CALLS = Array.from({ length: 60 }, (_, index) => ({
  callSid: sidOf(index + 1),
  from: `+4930555${1_000 + index}`,
  startedAtMs: Date.parse('2026-07-13T10:00:00Z') + index * 60_000,
}));

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

async function open(environment: Record<string, string> = {}): Promise<OwnOffice> {
  const own = await openOffice(disk.path, environment);
  offices.push(own);
  return own;
}

/** A catalogue of its own on the same files. */
const openEmpty = (): Promise<OwnOffice> => open({ DATABASE_URL: 'sqlite::memory:' });

async function entries(catalogue: Catalogue): Promise<(CatalogueEntry | undefined)[]> {
  const found: (CatalogueEntry | undefined)[] = [];
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const page = await catalogue.list({}, { limit: 50, ...(cursor !== undefined && { cursor }) });
    for (const { callSid } of page.items) found.push(await catalogue.get(callSid));
    cursor = page.next;
  }
  return found;
}

describe('reindex', () => {
  test('creates the same catalogue from the files alone, with notes and holds', async () => {
    await leaveCalls(disk.path, CALLS);
    const { storage, maintenance, catalogue } = await open();
    await maintenance.resumeUploads();
    const isEntered = async () => (await entries(catalogue)).length === CALLS.length;
    await comesTrue('all calls are entered one by one', isEntered);
    await storage.annotate(sidOf(7), {
      kind: 'add-note',
      note: { id: 'n', atMs: 5, text: 'Called back. ☎' },
    });
    await storage.annotate(sidOf(8), { kind: 'hold', hold: { sinceMs: 6, reason: 'court' } });
    await comesTrue('the hold is entered', async () => (await catalogue.get(sidOf(8)))?.hold !== undefined);
    await comesTrue('the note is entered', async () => (await catalogue.get(sidOf(7)))?.notes.length === 1);
    const again = await openEmpty();
    const seen: number[] = [];
    const result = await reindex(again.storage.reindexing!, true, (done) => seen.push(done));
    expect(result).toEqual({ entered: CALLS.length, removed: 0, failed: [] });
    expect(seen).toEqual([0, 50, 60]);
    expect(await entries(again.catalogue)).toEqual(await entries(catalogue));
    const { items } = await again.catalogue.search({ words: 'invoice', number: '1004' }, { limit: 5 });
    expect(items.map(sidOfHit)).toEqual([sidOf(5)]);
  });

  test('removes calls whose files are missing, except those that a process still holds', async () => {
    const directories = new DataDirectory(disk.path);
    await leaveCalls(disk.path, CALLS.slice(0, 1));
    const { storage, catalogue } = await openEmpty();
    const [gone, dead, live] = [101, 102, 103];
    await catalogue.putEntry(finishedCall(gone));
    await catalogue.putCall(liveCall(dead));
    await catalogue.putCall(liveCall(live));
    writeFileSync(directories.journalPath(sidOf(live), '11111111-1111-1111-1111-111111111111'), '');
    expect(await reindex(storage.reindexing!, false)).toMatchObject({ entered: 1, removed: 0 });
    expect(await entries(catalogue)).toHaveLength(4);
    expect(await reindex(storage.reindexing!, true)).toMatchObject({ entered: 1, removed: 2 });
    expect((await entries(catalogue)).map((entry) => entry?.callSid).sort()).toEqual([sidOf(1), sidOf(live)]);
  });

  test('names unreadable files, and adds the other calls', async () => {
    await leaveCalls(disk.path, CALLS.slice(0, 2));
    writeFileSync(path.join(disk.path, `call_${sidOf(1)}.json`), '{');
    const { storage } = await openEmpty();
    expect(await reindex(storage.reindexing!, true)).toEqual({ entered: 1, removed: 0, failed: [sidOf(1)] });
  });

  test('runs automatically if the catalogue is new or incomplete, and only then', async () => {
    await leaveCalls(disk.path, CALLS.slice(0, 3));
    const { state, pendingIndex: toEnter } = new DataDirectory(disk.path);
    // They were entered long ago: nothing says any more that they are to be.
    for (const name of readdirSync(toEnter)) rmSync(path.join(toEnter, name));
    const start = async (): Promise<OwnOffice> => {
      const own = await open();
      await own.maintenance.start({ resume: () => false });
      return own;
    };
    const isDone = ({ logged }: OwnOffice) => logged.some((line) => line.includes('reindex completed'));
    // Interrupted at once.
    writeFileSync(path.join(state, 'to-reindex'), '');
    const first = await start();
    await comesTrue('all are entered', () => isDone(first));
    expect(await entries(first.catalogue)).toHaveLength(3);
    expect(readdirSync(state)).not.toContain('to-reindex');
    await first.end();
    const second = await start();
    expect(isDone(second)).toBe(false);
    expect(second.logged.some((line) => line.includes('catalogue is incomplete'))).toBe(false);
    const fresh = await open({ DATABASE_URL: 'sqlite::memory:' });
    await fresh.maintenance.start({ resume: () => false });
    await comesTrue('a new database is filled', () => isDone(fresh));
    expect(await entries(fresh.catalogue)).toHaveLength(3);
  });
});
