import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openCatalogue } from '../../src/catalogue/open-catalogue.ts';
import { catalogueKeepsItsPromises } from '../suites/catalogue-promises.ts';

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
