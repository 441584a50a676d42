import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCatalogue } from '../../src/catalogue/open-catalogue.ts';
import { finishedCall, sidOf } from '../support/catalogued-calls.ts';
import { type DatabaseServer, type ServerKind, startedServer } from '../support/database-server.ts';
import { catalogueOutlivesItsServer } from './catalogue-outage.ts';
import { catalogueIsSharedByProcesses } from './catalogue-processes.ts';
import { catalogueKeepsItsPromises } from './catalogue-promises.ts';

/** Everything that a catalogue in an SQL server must do, with one server for the file and one for outages. */
export function catalogueOnSqlServer(name: string, kind: ServerKind): void {
  let server: DatabaseServer | undefined;

  beforeAll(async () => {
    server = await startedServer(kind);
  });

  afterAll(() => server?.end());

  catalogueKeepsItsPromises(name, async () => {
    const url = await server!.newDatabase();
    return { connect: () => openCatalogue(url), end: () => Promise.resolve() };
  });

  catalogueIsSharedByProcesses(name, () => server!.newDatabase());

  catalogueOutlivesItsServer(
    name,
    () => startedServer(kind),
    (port) => kind.url(port),
  );

  describe(`a ${name} catalogue`, () => {
    test('of schema version 1 is migrated: recordings of the microphone stay, and calls are the same', async () => {
      const url = await server!.newDatabase();
      const catalogue = await openCatalogue(url);
      await catalogue.putEntry(finishedCall(1, ['an invoice']));
      await catalogue.close();
      await server!.run(url, 'drop table microphones');
      await server!.run(url, 'delete from catalogue_schema where version > 1');
      await server!.run(
        url,
        `create table microphone_recordings (name varchar(190) not null, created_at_ms double precision not null,
          size_bytes double precision not null, duration_ms double precision not null, sha256 varchar(190) not null, primary key (name))`,
      );
      await server!.run(url, `insert into microphone_recordings values ('a b.wav', 1.5, 2, 3.5, 'ef')`);
      const migrated = await Promise.all([openCatalogue(url), openCatalogue(url)]);
      await Promise.all(migrated.map((each) => each.open()));
      expect(await migrated[0].getMicrophone('a b.wav')).toEqual({
        ...{ name: 'a b.wav', createdAtMs: 1.5, sizeBytes: 2, durationMs: 3.5, sha256: 'ef' },
        ...{ format: 'wav', transcription: 'none', keywords: [], utterances: [] },
      });
      expect(await migrated[0].get(sidOf(1))).toEqual(finishedCall(1, ['an invoice']));
      for (const each of migrated) await each.close();
    });

    test('of a newer offhook version is refused with a sentence', async () => {
      const url = await server!.newDatabase();
      const catalogue = await openCatalogue(url);
      await catalogue.open();
      await catalogue.close();
      await server!.run(url, 'insert into catalogue_schema values (99)');
      const older = await openCatalogue(url);
      await expect(older.open()).rejects.toThrow(
        /has schema version 99, and this version of offhook supports version 3/,
      );
      await older.close();
    });
  });
}
