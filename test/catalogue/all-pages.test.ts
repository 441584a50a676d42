import { expect, test } from 'vitest';
import { allPages } from '../../src/catalogue/all-pages.ts';

test('all pages are read in order, each with the cursor of the previous one', async () => {
  const asked: (string | undefined)[] = [];
  const found: number[] = [];
  const pages = allPages((cursor) => {
    asked.push(cursor);
    const next = asked.length < 3 ? `after ${asked.length}` : undefined;
    return Promise.resolve({ items: [asked.length], next });
  });
  for await (const { items } of pages) found.push(...items);
  expect(asked).toEqual([undefined, 'after 1', 'after 2']);
  expect(found).toEqual([1, 2, 3]);
});
