import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCatalogue } from '../../src/catalogue/open-catalogue.ts';
import { catalogueOutlivesItsServer } from '../suites/catalogue-outage.ts';
import { catalogueIsSharedByProcesses } from '../suites/catalogue-processes.ts';
import { catalogueKeepsItsPromises } from '../suites/catalogue-promises.ts';
import { finishedCall } from '../support/catalogued-calls.ts';
import { type DatabaseServer, startedServer } from '../support/database-server.ts';
import { DYNALITE } from '../support/dynalite-server.ts';

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

test('DynamoDB finds the words of one turn although each of them is common', async () => {
  const url = await server!.newDatabase();
  const catalogue = await openCatalogue(url);
  const calls = Array.from({ length: 700 }, (_, index) =>
    finishedCall(index, [index % 2 ? 'left' : 'right']),
  );
  await catalogue.putEntries([...calls, finishedCall(0, ['left', 'right', 'left and right'])]);
  let page = await catalogue.search({ words: 'left right' }, { limit: 5 });
  const found = [...page.items];
  for (; page.next !== undefined; found.push(...page.items))
    page = await catalogue.search({ words: 'left right' }, { limit: 5, cursor: page.next });
  expect(found.map((hit) => hit.turnId)).toEqual(['caller-3']);
  await catalogue.close();
});
