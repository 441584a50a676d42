import path from 'node:path';
import { PageBuild } from '../../src/app/built-pages.ts';

/** The pages as they are now, built once for all tests. */
export async function builtPages(): Promise<PageBuild> {
  const pages = new PageBuild(path.resolve(import.meta.dirname, '../..'));
  await pages.prepare();
  if (pages.trouble !== undefined) throw new Error(pages.trouble);
  return pages;
}
