import Database from 'libsql';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, describe, expect, test } from 'vitest';
import { CatalogueDown } from '../../src/catalogue/catalogue.ts';
import { NewerCatalogue } from '../../src/catalogue/newer-catalogue.ts';
import { openCatalogue } from '../../src/catalogue/open-catalogue.ts';
import { catalogueIsSharedByProcesses } from '../suites/catalogue-processes.ts';
import { catalogueKeepsItsPromises } from '../suites/catalogue-promises.ts';
import { finishedCall } from '../support/catalogued-calls.ts';

catalogueKeepsItsPromises('SQLite in memory', async () => {
  // Memory belongs to one connection: whoever connects gets the same, and it is closed when the last one is.
  const catalogue = await openCatalogue('sqlite::memory:');
  return { connect: () => Promise.resolve(catalogue), end: () => catalogue.close() };
});

catalogueKeepsItsPromises('SQLite on disk', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'offhook-catalogue-'));
  return Promise.resolve({
    connect: () => openCatalogue(path.join(folder, 'state', 'catalogue.db')),
    end: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
  });
});

const directories: string[] = [];
afterAll(() => directories.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function newFile(): string {
  directories.push(mkdtempSync(path.join(tmpdir(), 'offhook-catalogue-')));
  return path.join(directories.at(-1)!, 'catalogue.db');
}

catalogueIsSharedByProcesses('SQLite on disk', () => Promise.resolve(newFile()));

describe('a SQLite catalogue', () => {
  test('of a newer offhook version is refused with a sentence', async () => {
    const file = newFile();
    const catalogue = await openCatalogue(file);
    await catalogue.open();
    await catalogue.close();
    const database = new Database(file);
    database.exec('insert into catalogue_schema values (99)');
    database.close();
    const older = await openCatalogue(`sqlite:${file}`);
    await expect(older.open()).rejects.toThrow(NewerCatalogue);
    await expect(older.list({}, { limit: 1 })).rejects.toThrow(/has schema version 99/);
    await older.close();
  });

  test('of schema version 1 is migrated: recordings of the microphone stay, and calls are the same', async () => {
    const file = newFile();
    const catalogue = await openCatalogue(file);
    await catalogue.putEntry(finishedCall(1, ['an invoice']));
    await catalogue.close();
    const database = new Database(file);
    const rows = () => JSON.stringify(database.prepare('select * from calls, turns').all());
    database.exec('drop table microphones');
    database.exec('delete from catalogue_schema where version > 1');
    database.exec(
      `create table microphone_recordings (name text not null, created_at_ms real not null, size_bytes real not null,
        duration_ms real not null, sha256 text not null, primary key (name))`,
    );
    database.exec(`insert into microphone_recordings values ('a b.wav', 1.5, 2, 3.5, 'ef')`);
    const before = rows();
    const migrated = await openCatalogue(file);
    await migrated.open();
    expect(await migrated.getMicrophone('a b.wav')).toEqual({
      ...{ name: 'a b.wav', createdAtMs: 1.5, sizeBytes: 2, durationMs: 3.5, sha256: 'ef' },
      ...{ format: 'wav', transcription: 'none', keywords: [], utterances: [] },
    });
    expect(rows()).toBe(before);
    expect((await migrated.search({ words: 'invoice' }, { limit: 5 })).items).toHaveLength(1);
    database.close();
    await migrated.close();
  });

  test('reports an impossible directory or an invalid file, and can be tried again', async () => {
    const file = newFile();
    writeFileSync(file, 'this is no database, and it is long enough to be seen as something else'.repeat(20));
    for (const bad of [path.join(file, 'catalogue.db'), file]) {
      const catalogue = await openCatalogue(bad);
      await expect(catalogue.open()).rejects.toThrow(CatalogueDown);
      await expect(catalogue.open()).rejects.toThrow(
        bad === file ? /file is damaged, or no SQLite database .*run `offhook reindex`/ : /does not answer: /,
      );
      rmSync(file, { force: true });
      if (bad !== file) writeFileSync(file, 'still no database'.repeat(100));
      await catalogue.close();
    }
  });

  test('does not block the event loop', async () => {
    const catalogue = await openCatalogue(newFile());
    await catalogue.open();
    const long = finishedCall(
      1,
      Array.from({ length: 2_000 }, (_, index) => `turn ${index} ${'word '.repeat(50)}`),
    );
    const delays = monitorEventLoopDelay({ resolution: 1 });
    await catalogue.putEntry(finishedCall(2));
    delays.enable();
    for (let round = 0; round < 5; round++) await catalogue.putEntry(long);
    delays.disable();
    // What is left is the copy that the thread is given.
    expect(delays.percentile(50) / 1e6).toBeLessThan(20);
    expect((await catalogue.get(long.callSid))?.turns).toHaveLength(2_000);
    await catalogue.close();
  });

  test('limits the number of pending requests', async () => {
    const catalogue = await openCatalogue('sqlite::memory:');
    const answers = await Promise.allSettled(
      Array.from({ length: 1_100 }, () => catalogue.list({}, { limit: 1 })),
    );
    const refused = answers.filter((answer) => answer.status === 'rejected');
    expect(refused).toHaveLength(100);
    expect(String((refused[0] as PromiseRejectedResult).reason)).toMatch(/has 1000 pending requests/);
    expect(await catalogue.list({}, { limit: 1 })).toEqual({ items: [] });
    await catalogue.close();
    await expect(catalogue.list({}, { limit: 1 })).rejects.toThrow('The catalogue is closed.');
  });
});

describe('the address of a catalogue', () => {
  test.each(['', 'catalogue.db', 'oracle://x', 'redis://user:secret@host', 'sqlite', 'POSTGRES'])(
    '%j is refused with the accepted form',
    async (url) => {
      await expect(openCatalogue(url)).rejects.toThrow(/must be an absolute path or sqlite:PATH/);
      await expect(openCatalogue(url)).rejects.not.toThrow(/secret/);
    },
  );

  test.each([
    'postgres://',
    'postgresql://user:secret@host',
    'mysql://user:secret@host:x/db',
    'mariadb://host/',
  ])('%j is refused without repeating it', async (url) => {
    await expect(openCatalogue(url)).rejects.toThrow(/must name a server and a database/);
    await expect(openCatalogue(url)).rejects.not.toThrow(/secret/);
  });

  test('sqlite: without a path is refused', async () => {
    await expect(openCatalogue('sqlite:')).rejects.toThrow(/needs a path/);
  });
});
