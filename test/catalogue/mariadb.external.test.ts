import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCatalogue } from '../../src/catalogue/open-catalogue.ts';
import { catalogueOnSqlServer } from '../suites/sql-server.ts';
import { finishedCall, sidOf } from '../support/catalogued-calls.ts';
import { type DatabaseServer, startedServer } from '../support/database-server.ts';
import { MARIADB } from '../support/mariadb-server.ts';

catalogueOnSqlServer('MariaDB', MARIADB);

describe('the word index of MariaDB', () => {
  let server: DatabaseServer;

  beforeAll(async () => {
    server = await startedServer(MARIADB);
  });

  afterAll(() => server?.end());

  async function rows(url: string, query: string): Promise<Record<string, unknown>[]> {
    const connection = await createConnection(url.replace(/^mariadb:/, 'mysql:'));
    try {
      return (await connection.query(query))[0] as Record<string, unknown>[];
    } finally {
      await connection.end();
    }
  }

  test('finds what was just written, while the server rebuilds its indexes all the time', async () => {
    const url = await server.newDatabase();
    const catalogue = await openCatalogue(url);
    await catalogue.open();
    let isOver = false;
    // With a FULLTEXT index, this moves new words from its cache to its tables, as the server does at times.
    const moves = ['set global innodb_optimize_fulltext_only = 1', 'optimize table turns, turn_words'];
    const moving = [1, 2].map(async () => {
      while (!isOver) await server.run(url, ...moves);
    });
    try {
      for (let round = 0; round < 150; round += 1) {
        await catalogue.putEntry(finishedCall(1, ['an invoice of May']));
        await catalogue.putEntry(finishedCall(2, ['the invoice of June']));
        expect((await catalogue.search({ words: 'invoice' }, { limit: 9 })).items, `${round}`).toHaveLength(
          2,
        );
        await catalogue.remove(sidOf(1));
        await catalogue.remove(sidOf(2));
      }
    } finally {
      isOver = true;
      await Promise.all(moving);
      await catalogue.close();
    }
  });

  test('holds no word of a removed call, and no earlier word of a changed turn', async () => {
    const url = await server.newDatabase();
    const catalogue = await openCatalogue(url);
    await catalogue.putEntry(finishedCall(1, ['an earlier word']));
    await catalogue.putEntry(finishedCall(1, ['an invoice']));
    const words = async () =>
      (await rows(url, 'select word from turn_words order by word')).map(({ word }) => word);
    expect(await words()).toEqual(['znn1111', 'znn6543', 'zscaller', 'zwan', 'zwinvoice']);
    await catalogue.remove(sidOf(1));
    expect(await words()).toEqual([]);
    await catalogue.close();
  });

  test('finds a rare word beside common ones, and words of a phrase in their order alone', async () => {
    const url = await server.newDatabase();
    const catalogue = await openCatalogue(url);
    const texts = Array.from({ length: 100 }, (_, turn) => `please pay turn ${turn}, and pay please`);
    for (let call = 1; call <= 30; call++) await catalogue.putEntry(finishedCall(call, texts));
    await catalogue.putEntry(finishedCall(0, ['please do pay the invoice']));
    const found = async (words: string) => {
      const { items } = await catalogue.search({ words }, { limit: 5 });
      return items.map(({ text }) => text);
    };
    expect(await found('please pay invoice')).toEqual(['please do pay the invoice']);
    expect(await found('please "do pay"')).toEqual(['please do pay the invoice']);
    expect(await found('"pay do"')).toEqual([]);
    await catalogue.close();
  });

  test('replaces the FULLTEXT index of schema version 2, with all its words', async () => {
    const url = await server.newDatabase();
    const before = await openCatalogue(url);
    await before.putEntry(finishedCall(1, ['an invoice']));
    await before.putEntry(
      finishedCall(
        2,
        Array.from({ length: 450 }, (_, turn) => `turn ${turn}`),
      ),
    );
    await before.close();
    await server.run(
      url,
      'drop table turn_words',
      'alter table turns add fulltext index turns_by_words (words)',
      'delete from catalogue_schema where version > 2',
    );
    const catalogues = await Promise.all([openCatalogue(url), openCatalogue(url)]);
    await Promise.all(catalogues.map((each) => each.open()));
    for (const words of ['invoice', 'turn 449'])
      expect((await catalogues[0].search({ words }, { limit: 9 })).items).toHaveLength(1);
    expect((await catalogues[1].search({ words: 'turn' }, { limit: 190 })).items).toHaveLength(190);
    const kinds = await rows(
      url,
      `select index_type from information_schema.statistics where table_schema = database()`,
    );
    expect(kinds.length).toBeGreaterThan(5);
    expect(kinds.map((kind) => kind['index_type'])).not.toContain('FULLTEXT');
    for (const each of catalogues) await each.close();
  });
});
