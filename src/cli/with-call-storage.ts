import { BackOffice, type BackOfficeParts } from '../app/call-storage.ts';
import { catalogueOf } from '../app/open-configured-catalogue.ts';
import { fileStoreOf } from '../app/open-configured-store.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { createLog } from '../log.ts';
import type { FileStore } from '../object-store/object-store.ts';
import type { Settings } from '../settings/settings.ts';

export interface OwnOffice {
  readonly office: BackOffice;
  readonly catalogue: Catalogue;
  readonly store?: FileStore;
}

/** Works on the recordings folder without serving; a server may run on it meanwhile. Its log goes to stderr. */
export async function inOwnOffice<T>(
  settings: Settings,
  work: (own: OwnOffice) => Promise<T>,
  more: Partial<BackOfficeParts> = {},
): Promise<T> {
  const level = settings.logLevel === 'info' ? 'warn' : settings.logLevel;
  const log = createLog({ level, destination: process.stderr });
  const store = await fileStoreOf(settings);
  const catalogue = await catalogueOf(settings, log);
  const now = (): number => performance.timeOrigin + performance.now();
  const parts = { settings, services: {}, log, now, catalogue, ...(store && { store }), ...more };
  const office = new BackOffice(parts);
  await office.begin();
  try {
    return await work({ office, catalogue, ...(store && { store }) });
  } finally {
    await office.end();
  }
}
