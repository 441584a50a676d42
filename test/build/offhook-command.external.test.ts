import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { OFFHOOK } from '../support/offhook-command.ts';
import { ownFolder } from '../support/own-folder.ts';

const CHECKOUT = path.resolve(import.meta.dirname, '../..');
const COPIED = ['bin', 'pages', 'scripts', 'src', 'package.json', 'package-lock.json', 'tsconfig.json'];

vi.setConfig({ testTimeout: 60_000 });

let folder: ReturnType<typeof ownFolder>;
let checkout: string;

beforeAll(() => {
  folder = ownFolder();
  checkout = path.join(folder.path, 'a path with spaces');
  for (const name of COPIED)
    cpSync(path.join(CHECKOUT, name), path.join(checkout, name), { recursive: true });
  symlinkSync(path.join(CHECKOUT, 'node_modules'), path.join(checkout, 'node_modules'));
});

afterAll(() => folder[Symbol.dispose]());

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(script: string, ...nodeArguments: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [...nodeArguments, script, '--version'], {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production' },
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (data: Buffer) => (said.stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (said.stderr += data.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...said };
}

const offhook = (): Promise<Ended> => run(path.join(checkout, 'bin/offhook.mjs'));
const BUILT = { code: 0, stdout: '0.1.0\n', stderr: 'Building offhook…\n' };

test('a checkout without a build is built first, also by two processes at once', async () => {
  const both = await Promise.all([offhook(), offhook()]);
  // On a busy machine the second process may start when the first has built.
  for (const ended of both) expect([BUILT, { ...BUILT, stderr: '' }]).toContainEqual(ended);
  expect(both).toContainEqual(BUILT);
  expect(await offhook()).toEqual({ ...BUILT, stderr: '' });
  const [build = ''] = readdirSync(path.join(checkout, 'dist')).filter((name) => /^[0-9a-f]+$/.test(name));
  const documents = (directory: string): string[] =>
    readdirSync(directory).filter((name) => name.endsWith('.html'));
  expect(documents(path.join(checkout, 'dist', build, 'pages'))).toEqual(
    documents(path.join(CHECKOUT, 'pages')),
  );
});

test('changed sources are built again', async () => {
  writeFileSync(path.join(checkout, 'src/cli/terminal/console.ts'), '\n// Changed.\n', { flag: 'a' });
  expect(await offhook()).toEqual(BUILT);
  expect(await offhook()).toEqual({ ...BUILT, stderr: '' });
});

test('sources that cannot be built end the command with the reason', async () => {
  writeFileSync(path.join(checkout, 'src/cli/terminal/broken.ts'), 'export * from "./missing.ts";');
  writeFileSync(path.join(checkout, 'src/cli/terminal/console.ts'), '\nexport * from "./broken.ts";\n', {
    flag: 'a',
  });
  const { code, stdout, stderr } = await offhook();
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('./missing.ts');
});

test('an installed package runs without its sources', async () => {
  for (const name of ['src', 'pages', 'scripts']) rmSync(path.join(checkout, name), { recursive: true });
  expect(await offhook()).toEqual({ ...BUILT, stderr: '' });
});

test('an old version of Node gets a message with both versions', async () => {
  const old =
    'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.20.8" } })';
  const { code, stderr } = await run(OFFHOOK, '--import', `data:text/javascript,${old}`);
  expect(stderr).toBe('offhook needs Node 20.19 or newer; this is Node 18.20.8.\n');
  expect(code).toBe(2);
});
