import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Catalogue, LARGEST_PAGE } from '../../src/catalogue/catalogue.ts';
import { finishedCall } from '../support/catalogued-calls.ts';
import { promisesOfCalls } from './catalogue-calls.ts';
import { promisesOfLists } from './catalogue-lists.ts';
import { promisesOfMicrophones } from './catalogue-microphones.ts';
import { promisesOfSearch } from './catalogue-search.ts';
import { promisesOfTexts } from './catalogue-texts.ts';

/** A new empty database. */
export interface CatalogueGround {
  /** A connection to it, not opened yet; each is another, where there can be several. */
  connect(): Promise<Catalogue>;
  end(): Promise<void>;
}

/** What a test works with. It is empty when a test begins. */
export interface OnTheGround {
  readonly catalogue: Catalogue;
  /** A second connection to the same. */
  readonly another: Catalogue;
}

/** Every catalogue keeps these promises; `ground` makes a database that no other test uses. */
export function catalogueKeepsItsPromises(name: string, ground: () => Promise<CatalogueGround>): void {
  describe(name, () => {
    const on = {} as { catalogue: Catalogue; another: Catalogue };
    let here: CatalogueGround | undefined;

    beforeAll(async () => {
      here = await ground();
      on.catalogue = await here.connect();
      on.another = await here.connect();
    });

    beforeEach(async () => {
      await on.catalogue.open();
      await emptied(on.catalogue);
    });

    afterAll(async () => {
      await Promise.all([on.catalogue, on.another].map((catalogue) => catalogue?.close()));
      await here?.end();
    });

    test('can be opened by several connections at once, repeatedly', async () => {
      const fresh = await ground();
      const catalogues = await Promise.all([1, 2, 3, 4].map(() => fresh.connect()));
      await Promise.all(catalogues.map((catalogue) => catalogue.open()));
      await catalogues[0]!.putEntry(finishedCall(1, ['Hello']));
      await Promise.all(catalogues.map((catalogue) => catalogue.open()));
      for (const catalogue of catalogues)
        expect((await catalogue.search({ words: 'hello' }, { limit: 5 })).items).toHaveLength(1);
      await Promise.all(catalogues.map((catalogue) => catalogue.close()));
      await fresh.end();
    });

    promisesOfCalls(on);
    promisesOfTexts(on);
    promisesOfLists(on);
    promisesOfSearch(on);
    promisesOfMicrophones(on);
  });
}

async function emptied(catalogue: Catalogue): Promise<void> {
  const page = { limit: LARGEST_PAGE };
  for (let calls = await catalogue.list({}, page); ; calls = await catalogue.list({}, page)) {
    for (const { callSid } of calls.items) await catalogue.remove(callSid);
    if (calls.next === undefined) break;
  }
  for (const { name } of (await catalogue.listMicrophone(page)).items) await catalogue.removeMicrophone(name);
}
