import { expect, test } from 'vitest';
import { openCatalogue } from '../../src/catalogue/open-catalogue.ts';
import { catalogueOnSqlServer } from '../suites/sql-server.ts';
import { finishedCall, sidOf } from '../support/catalogued-calls.ts';
import { startedServer } from '../support/database-server.ts';
import { MARIADB } from '../support/mariadb-server.ts';

catalogueOnSqlServer('MariaDB', MARIADB);

/** `OPTIMIZE TABLE` moves new words from the cache to the index, as the server does by itself at times. */
const MOVE_WORDS = ['set global innodb_optimize_fulltext_only = 1', 'optimize table turns'] as const;

test('a search on MariaDB finds words while the server moves them within its index', async () => {
  const server = await startedServer(MARIADB);
  const url = await server.newDatabase();
  const catalogue = await openCatalogue(url);
  await catalogue.open();
  let isOver = false;
  const moving = (async () => {
    while (!isOver) await server.run(url, ...MOVE_WORDS);
  })();
  try {
    // Without a second reading, about 3 in 100 searches missed words.
    for (let round = 0; round < 150; round += 1) {
      await catalogue.putEntry(finishedCall(1, ['an invoice of May']));
      await catalogue.putEntry(finishedCall(2, ['the invoice of June']));
      expect((await catalogue.search({ words: 'invoice' }, { limit: 9 })).items).toHaveLength(2);
      await catalogue.remove(sidOf(1));
      await catalogue.remove(sidOf(2));
    }
  } finally {
    isOver = true;
    await moving;
    await catalogue.close();
    await server.end();
  }
});
