import { CallStorage, type CallStorageOptions } from '../app/call-storage.ts';
import { openConfiguredCatalogue } from '../app/open-configured-catalogue.ts';
import { openConfiguredStore } from '../app/open-configured-store.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { createLog } from '../log.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import type { Settings } from '../settings/settings.ts';

export interface CommandCallStorage {
  readonly office: CallStorage;
  readonly catalogue: Catalogue;
  readonly store?: ObjectStore;
}

/** Works on the recordings folder without serving; a server may run on it meanwhile. Its log goes to stderr. */
export async function withCallStorage<T>(
  settings: Settings,
  work: (own: CommandCallStorage) => Promise<T>,
  more: Partial<CallStorageOptions> = {},
): Promise<T> {
  const level = settings.logLevel === 'info' ? 'warn' : settings.logLevel;
  const log = createLog({ level, destination: process.stderr });
  const store = await openConfiguredStore(settings);
  const catalogue = await openConfiguredCatalogue(settings, log);
  const now = (): number => performance.timeOrigin + performance.now();
  const parts = { settings, services: {}, log, now, catalogue, ...(store && { store }), ...more };
  const office = new CallStorage(parts);
  await office.begin();
  try {
    return await work({ office, catalogue, ...(store && { store }) });
  } finally {
    await office.end();
  }
}
