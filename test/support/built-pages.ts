import path from 'node:path';
import { BuiltPages } from '../../src/app/built-pages.ts';

/** The pages as they are now, built once for all tests. */
export async function builtPages(): Promise<BuiltPages> {
  const pages = new BuiltPages(path.resolve(import.meta.dirname, '../..'));
  await pages.prepare();
  if (pages.trouble !== undefined) throw new Error(pages.trouble);
  return pages;
}
