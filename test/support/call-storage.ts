import { CallStorage } from '../../src/app/call-storage.ts';
import { openConfiguredCatalogue } from '../../src/app/open-configured-catalogue.ts';
import { openConfiguredStore } from '../../src/app/open-configured-store.ts';
import type { Services } from '../../src/call/ports.ts';
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import { createLog } from '../../src/log.ts';
import { readSettings } from '../../src/settings/settings.ts';

export interface OwnOffice {
  readonly office: CallStorage;
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
  const now = (): number => performance.timeOrigin + performance.now();
  const office = new CallStorage({
    ...{ settings: result.settings, services, log, now, catalogue },
    ...(store && { store }),
  });
  await office.begin();
  return { office, catalogue, logged };
}
