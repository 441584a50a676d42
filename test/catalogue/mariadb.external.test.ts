import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCatalogue } from '../../src/catalogue/open-catalogue.ts';
import { catalogueOutlivesItsServer } from '../suites/catalogue-outage.ts';
import { catalogueIsSharedByProcesses } from '../suites/catalogue-processes.ts';
import { catalogueKeepsItsPromises } from '../suites/catalogue-promises.ts';
import { type DatabaseServer, startedServer } from '../support/database-server.ts';
import { MARIADB } from '../support/mariadb-server.ts';

let server: DatabaseServer | undefined;

beforeAll(async () => {
  server = await startedServer(MARIADB);
});

afterAll(() => server?.end());

catalogueKeepsItsPromises('MariaDB', async () => {
  const url = await server!.newDatabase();
  return { connect: () => openCatalogue(url), end: () => Promise.resolve() };
});

catalogueIsSharedByProcesses('MariaDB', () => server!.newDatabase());

catalogueOutlivesItsServer(
  'MariaDB',
  () => startedServer(MARIADB),
  (port) => MARIADB.url(port),
);

describe('a MariaDB catalogue', () => {
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
