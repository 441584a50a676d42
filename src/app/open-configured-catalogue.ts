import { type Catalogue, CatalogueDown } from '../catalogue/catalogue.ts';
import { openCatalogue } from '../catalogue/open-catalogue.ts';
import type { Log } from '../log.ts';
import type { Settings } from '../settings/settings.ts';

/**
 * The catalogue that is configured, its schema brought up to date. One that is down now is opened later by whoever enters
 * calls; throws where it can never be used, as one of a newer version.
 */
export async function openConfiguredCatalogue(settings: Settings, log: Log): Promise<Catalogue> {
  const catalogue = await openCatalogue(settings.databaseUrl);
  try {
    await catalogue.open();
  } catch (error) {
    if (!(error instanceof CatalogueDown)) {
      await catalogue.close();
      throw error;
    }
    log.warn({ err: error }, 'the catalogue is down; calls are taken and recorded all the same');
  }
  return catalogue;
}
