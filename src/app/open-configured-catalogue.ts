import { type Catalogue, CatalogueDown } from '../catalogue/catalogue.ts';
import { ignoredOptions, openCatalogue } from '../catalogue/open-catalogue.ts';
import { componentLog, type Log } from '../log.ts';
import { proxyFor } from '../settings/proxies.ts';
import type { Settings } from '../settings/settings.ts';

/**
 * Opens the configured catalogue and migrates its schema. If it is unavailable now, the first write opens it later;
 * throws if it can never be used, for example if it has a newer version.
 */
export async function openConfiguredCatalogue(settings: Settings, log: Log): Promise<Catalogue> {
  const catalogue = await configuredCatalogue(settings);
  const options = await ignoredOptions(settings.databaseUrl);
  if (options.length > 0)
    componentLog(log, 'catalogue').info({ options }, 'options of DATABASE_URL that have no effect');
  try {
    await catalogue.open();
  } catch (error) {
    if (!(error instanceof CatalogueDown)) {
      await catalogue.close();
      throw error;
    }
    componentLog(log, 'catalogue').warn(
      { err: error },
      'the catalogue is down; calls are still answered and recorded',
    );
  }
  return catalogue;
}

/** The configured catalogue, which is not yet connected. */
export function configuredCatalogue({ databaseUrl, proxies }: Settings): Promise<Catalogue> {
  return openCatalogue(databaseUrl, (address) => proxyFor(address, proxies));
}
