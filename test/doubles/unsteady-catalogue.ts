import { type Catalogue, CatalogueDown } from '../../src/catalogue/catalogue.ts';
import { ThreadedCatalogue } from '../../src/catalogue/sql/threaded-catalogue.ts';

/** A real catalogue in memory, behind a wire that can be cut. */
export function unsteadyCatalogue(): { catalogue: Catalogue; wire: { cut: boolean }; asked: string[] } {
  const real = new ThreadedCatalogue(':memory:');
  const wire = { cut: false };
  const asked: string[] = [];
  const catalogue = new Proxy(real, {
    get(target, name: keyof Catalogue) {
      return (...values: unknown[]) => {
        asked.push(name);
        if (wire.cut && name !== 'close') return Promise.reject(new CatalogueDown('the wire is cut'));
        return (target[name] as (...all: unknown[]) => unknown)(...values);
      };
    },
  });
  return { catalogue, wire, asked };
}
