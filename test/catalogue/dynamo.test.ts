import { afterAll, beforeAll } from 'vitest';
import { openCatalogue } from '../../src/catalogue/open-catalogue.ts';
import { type DatabaseServer, startedServer } from '../support/database-server.ts';
import { DYNALITE } from '../support/dynalite-server.ts';
import { catalogueOutlivesItsServer } from '../suites/catalogue-outage.ts';
import { catalogueIsSharedByProcesses } from '../suites/catalogue-processes.ts';
import { catalogueKeepsItsPromises } from '../suites/catalogue-promises.ts';

let server: DatabaseServer | undefined;

beforeAll(async () => {
  server = await startedServer(DYNALITE);
});

afterAll(() => server?.end());

catalogueKeepsItsPromises('DynamoDB', async () => {
  const url = await server!.newDatabase();
  return { connect: () => openCatalogue(url), end: () => Promise.resolve() };
});

catalogueIsSharedByProcesses('DynamoDB', () => server!.newDatabase());

catalogueOutlivesItsServer(
  'DynamoDB',
  () => startedServer(DYNALITE),
  (port) => DYNALITE.url(port),
);
