import path from 'node:path';
import type { FileStore } from '../object-store/object-store.ts';
import type { Settings } from '../settings/settings.ts';
import { Folders } from '../storage/data-directory.ts';

/** The store that is configured; what speaks to it is loaded only then. Undefined: files stay in the folder. */
export async function fileStoreOf(settings: Settings): Promise<FileStore | undefined> {
  if (!settings.store) return undefined;
  const { S3Store } = await import('../object-store/s3/s3-store.ts');
  return new S3Store(settings.store, new Folders(path.resolve(settings.recording.directory)).uploads);
}
