import type { Page } from './catalogue.ts';

/** All pages of a list, from the first to the last. */
export async function* allPages<T>(
  list: (cursor: string | undefined) => Promise<Page<T>>,
): AsyncGenerator<Page<T>, void, undefined> {
  let cursor: string | undefined;
  do {
    const page = await list(cursor);
    yield page;
    cursor = page.next;
  } while (cursor !== undefined);
}
