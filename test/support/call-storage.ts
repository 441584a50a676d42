import { CallStorage } from '../../src/app/storage/call-storage.ts';
import { openConfiguredCatalogue } from '../../src/app/open-configured-catalogue.ts';
import { openConfiguredStore } from '../../src/app/open-configured-store.ts';
import { StorageLifecycle } from '../../src/app/storage/storage-lifecycle.ts';
import { StorageMaintenance } from '../../src/app/storage/storage-maintenance.ts';
import { systemClock } from '../../src/app/system-clock.ts';
import type { Services } from '../../src/call/ports.ts';
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import { createLog } from '../../src/log.ts';
import { readSettings } from '../../src/settings/settings.ts';

export interface OwnOffice {
  readonly storage: CallStorage;
  readonly maintenance: StorageMaintenance;
  readonly end: () => Promise<void>;
  readonly catalogue: Catalogue;
  readonly logged: readonly string[];
}

/** What is behind a server, on a folder and with a catalogue, without the server. */
export async function openOffice(
  directory: string,
  environment: Readonly<Record<string, string>> = {},
  services: Services = {},
): Promise<OwnOffice> {
  const files = { dotEnv: {}, audioConfig: {} };
  const result = readSettings({ RECORDINGS_DIRECTORY: directory, ...environment }, files, directory);
  if (!result.ok) throw new Error(result.errors.join('\n'));
  const logged: string[] = [];
  const log = createLog({ level: 'info', destination: { write: (line) => void logged.push(line) } });
  const catalogue = await openConfiguredCatalogue(result.settings, log);
  const store = await openConfiguredStore(result.settings);
  const { settings } = result;
  const storage = new CallStorage({ settings, services, log, clock: systemClock, catalogue, store });
  const lifecycle = new StorageLifecycle(storage);
  await lifecycle.start();
  const maintenance = new StorageMaintenance(storage);
  const end = async (): Promise<void> => {
    maintenance.stop();
    await lifecycle.stop();
  };
  return { storage, maintenance, end, catalogue, logged };
}
