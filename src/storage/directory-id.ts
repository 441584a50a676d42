import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { DataDirectory } from './data-directory.ts';
import { writeDurably } from './durable-file.ts';

const ID = /^[0-9a-f-]{36}$/u;

/** The id of a directory, by which other machines know it whatever process uses it. Created with the first use. Blocks. */
export function directoryId({ state, temporary }: Pick<DataDirectory, 'state' | 'temporary'>): string {
  const file = path.join(state, 'directory-id');
  const found = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (ID.test(found)) return found;
  const id = randomUUID();
  writeDurably(file, temporary, `${id}\n`);
  return id;
}
