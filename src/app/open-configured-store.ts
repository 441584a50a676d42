import path from 'node:path';
import type { ObjectStore } from '../object-store/object-store.ts';
import type { Settings } from '../settings/settings.ts';
import { DataDirectory } from '../storage/data-directory.ts';

/** The store that is configured; what speaks to it is loaded only then. Undefined: files stay in the folder. */
export async function openConfiguredStore(settings: Settings): Promise<ObjectStore | undefined> {
  if (!settings.store) return undefined;
  const { S3Store } = await import('../object-store/s3/s3-store.ts');
  return new S3Store(settings.store, new DataDirectory(path.resolve(settings.recording.directory)).uploads);
}
