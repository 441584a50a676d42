import { CallStorage } from '../app/storage/call-storage.ts';
import { openConfiguredCatalogue } from '../app/open-configured-catalogue.ts';
import { openConfiguredStore } from '../app/open-configured-store.ts';
import type { SharedCalls } from '../app/storage/shared-calls.ts';
import { StorageLifecycle } from '../app/storage/storage-lifecycle.ts';
import { systemClock } from '../app/system-clock.ts';
import type { Services } from '../call/ports.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { createLog } from '../log.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import type { Settings } from '../settings/settings.ts';

export interface CommandCallStorage {
  readonly storage: CallStorage;
  readonly catalogue: Catalogue;
  readonly store: ObjectStore | undefined;
}

/** Runs work on the recordings directory without a server; a server may use it at the same time. Logs to stderr. */
export async function withCallStorage<T>(
  settings: Settings,
  work: (own: CommandCallStorage) => Promise<T>,
  services: Services = {},
  /** Which calls this machine has, where several machines are one system; undefined: the work claims no calls. */
  shared?: SharedCalls,
): Promise<T> {
  const level = settings.logLevel === 'info' ? 'warn' : settings.logLevel;
  const log = createLog({ level, destination: process.stderr });
  const store = await openConfiguredStore(settings);
  const catalogue = await openConfiguredCatalogue(settings, log);
  const storage = new CallStorage({ settings, services, log, clock: systemClock, catalogue, store, shared });
  const lifecycle = new StorageLifecycle(storage);
  await lifecycle.start();
  try {
    return await work({ storage, catalogue, store });
  } finally {
    await lifecycle.stop();
  }
}
