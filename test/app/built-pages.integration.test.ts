import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { PageBuild } from '../../src/app/built-pages.ts';
import { ownFolder } from '../support/own-folder.ts';

const CHECKOUT = path.resolve(import.meta.dirname, '../..');

vi.setConfig({ testTimeout: 60_000 });

/** The pages and what they are built of, in a folder of their own. */
function ownCheckout(): ReturnType<typeof ownFolder> {
  const checkout = ownFolder();
  for (const name of ['pages', 'package.json', 'package-lock.json', 'tsconfig.json'])
    cpSync(path.join(CHECKOUT, name), path.join(checkout.path, name), { recursive: true });
  symlinkSync(path.join(CHECKOUT, 'node_modules'), path.join(checkout.path, 'node_modules'));
  return checkout;
}

async function prepared(checkout: string): Promise<PageBuild> {
  const pages = new PageBuild(checkout);
  await pages.prepare();
  expect(pages.trouble).toBeUndefined();
  return pages;
}

const documentsIn = (folder: string | undefined): string[] =>
  readdirSync(folder!).filter((name) => name.endsWith('.html'));

it('two processes that build at once have the same pages, and the next one finds them built', async () => {
  using checkout = ownCheckout();
  const [one, other] = await Promise.all([prepared(checkout.path), prepared(checkout.path)]);
  expect(one.folder).toBe(other.folder);
  expect(readdirSync(path.join(checkout.path, 'dist'))).toEqual([path.basename(one.folder!)]);
  expect(documentsIn(one.folder)).toEqual(documentsIn(path.join(checkout.path, 'pages')));
  const mark = path.join(one.folder!, 'mark');
  writeFileSync(mark, '');
  expect((await prepared(checkout.path)).folder).toBe(one.folder);
  expect(existsSync(mark)).toBe(true);
});

it('sources that have changed are built anew', async () => {
  using checkout = ownCheckout();
  const before = await prepared(checkout.path);
  const login = path.join(checkout.path, 'pages/login.html');
  writeFileSync(login, readFileSync(login, 'utf8').replace('Log in', 'Come in'));
  const after = await prepared(checkout.path);
  expect(after.folder).not.toBe(before.folder);
  expect(readFileSync(path.join(after.folder!, 'login.html'), 'utf8')).toContain('Come in');
});

it('a checkout that cannot be written to is built elsewhere, and that is taken away in the end', async () => {
  using checkout = ownCheckout();
  // Not a folder, and nobody, root neither, can make one of it.
  writeFileSync(path.join(checkout.path, 'dist'), '');
  const pages = await prepared(checkout.path);
  expect(pages.folder?.startsWith(checkout.path)).toBe(false);
  expect(documentsIn(pages.folder)).toContain('phone.html');
  pages.close();
  expect(existsSync(pages.folder!)).toBe(false);
});

it('what cannot be built says why, and leaves nothing behind', async () => {
  using checkout = ownCheckout();
  writeFileSync(path.join(checkout.path, 'pages/phone/main.ts'), "import './nowhere.ts';");
  const pages = new PageBuild(checkout.path);
  await pages.prepare();
  expect(pages.folder).toBeUndefined();
  expect(pages.trouble).toContain('nowhere');
  expect(readdirSync(path.join(checkout.path, 'dist'))).toEqual([]);
});
