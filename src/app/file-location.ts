import { existsSync } from 'node:fs';
import path from 'node:path';
import type { FileLocation } from '../api/call-files.ts';
import { AUDIO_FORMATS, describeFormat } from '../audio/formats/formats.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import type { CallFile } from '../records/call-entry.ts';

/** Where a finished file can be read now: in the folder, else by a link into the store. Undefined: nowhere. */
export async function locateFile(
  file: CallFile,
  directory: string,
  store: ObjectStore | undefined,
): Promise<FileLocation | undefined> {
  const here = path.join(directory, file.name);
  if (existsSync(here)) return { path: here };
  if (file.url === undefined || !store) return undefined;
  const contentType = contentTypeOf(file);
  const { href } = await store.link(file.url, { fileName: file.name, contentType, disposition: 'inline' });
  return { url: href };
}

/** Where links into the store lead, `https://bucket.example.com`. */
export async function linkOriginOf(store: ObjectStore): Promise<string> {
  const as = { fileName: 'x', contentType: 'text/plain', disposition: 'inline' } as const;
  return new URL((await store.link(`${store.url}/x`, as)).href).origin;
}

function contentTypeOf({ kind, name }: CallFile): string {
  const format = AUDIO_FORMATS.find((one) => name.endsWith(`.${describeFormat(one).extension}`));
  if (kind === 'recording' && format) return describeFormat(format).contentType;
  return kind === 'json' ? 'application/json' : 'text/plain; charset=utf-8';
}
