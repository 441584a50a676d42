import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCatalogue } from '../../src/catalogue/open-catalogue.ts';
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
    test('of a newer offhook version is refused with a sentence', async () => {
      const url = await server!.newDatabase();
      const catalogue = await openCatalogue(url);
      await catalogue.open();
      await catalogue.close();
      await server!.run(url, 'insert into catalogue_schema values (99)');
      const older = await openCatalogue(url);
      await expect(older.open()).rejects.toThrow(
        /has schema version 99, and this version of offhook supports version 1/,
      );
      await older.close();
    });
  });
}
