import { parentPort, workerData } from 'node:worker_threads';
import { errorText } from '../../storage/file-system-errors.ts';
import { lowerThreadPriority } from '../../storage/thread-priority.ts';
import type { Catalogue } from '../catalogue.ts';
import { SqliteSql } from './dialects/sqlite.ts';
import { SqlCatalogue } from './sql-catalogue.ts';

/** A request to the thread: one method call of a catalogue. */
export interface CatalogueRequest {
  readonly id: number;
  readonly method: keyof Catalogue;
  readonly given: readonly unknown[];
}

export type CatalogueAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: { readonly name: string; readonly message: string } };

const port = parentPort;
const file = (workerData as { catalogueFile?: string } | null)?.catalogueFile;

if (port && file !== undefined) {
  lowerThreadPriority();
  const catalogue = new SqlCatalogue(new SqliteSql(file));
  port.on('message', (request: CatalogueRequest) => {
    void answer(catalogue, request).then((reply) => port.postMessage(reply));
  });
}

async function answer(
  catalogue: Catalogue,
  { id, method, given }: CatalogueRequest,
): Promise<CatalogueAnswer> {
  try {
    const methods = catalogue as unknown as Record<
      string,
      (...given: readonly unknown[]) => Promise<unknown>
    >;
    return { id, value: await methods[method]!(...given) };
  } catch (error) {
    const name = error instanceof Error ? error.name : 'Error';
    return { id, error: { name, message: errorText(error) } };
  }
}
