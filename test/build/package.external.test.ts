import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ownFolder } from '../support/own-folder.ts';

const CHECKOUT = path.resolve(import.meta.dirname, '../..');
const EXAMPLE = 'echo-assistant.ts';
/** Nothing of the user's settings. */
const ENV = { PATH: process.env['PATH'], HOME: process.env['HOME'] };

vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

const run = promisify(execFile);
let folder: ReturnType<typeof ownFolder>;
/** Another directory, into which the packed package is installed. */
let project: string;

beforeAll(async () => {
  folder = ownFolder();
  const packed = await run('npm', ['pack', '--silent', '--pack-destination', folder.path], { cwd: CHECKOUT });
  project = path.join(folder.path, 'project');
  mkdirSync(project);
  writeFileSync(path.join(project, 'package.json'), '{ "private": true, "type": "module" }');
  const tarball = path.join(folder.path, packed.stdout.trim());
  const quick = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...quick, tarball], { cwd: project });
  for (const tool of ['esbuild', 'vite', 'rolldown'])
    rmSync(path.join(project, 'node_modules', tool), { recursive: true });
});

afterAll(() => folder[Symbol.dispose]());

test('the installed package runs the demo without build tools', async () => {
  const { stdout } = await run('npx', ['offhook', 'demo'], { cwd: project, env: ENV });
  expect(stdout).toContain('responses');
  const written = readdirSync(path.join(project, 'responses'));
  expect(written.some((name) => /^call_CA[0-9a-f]{32}_conversation\.mp3$/.test(name))).toBe(true);
});

test('the example compiles with the types of the package', () => {
  cpSync(path.join(CHECKOUT, 'examples', EXAMPLE), path.join(project, EXAMPLE));
  const program = ts.createProgram([path.join(project, EXAMPLE)], {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    typeRoots: [path.join(CHECKOUT, 'node_modules/@types')],
    types: ['node'],
  });
  const messages = ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  expect(messages).toEqual([]);
  const used = program.getSourceFiles().map(({ fileName }) => fileName);
  expect(used.some((name) => name.endsWith('/types/app/public-api.d.ts'))).toBe(true);
});

test('the example runs with the installed package', async () => {
  const source = readFileSync(path.join(CHECKOUT, 'examples', EXAMPLE), 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
  });
  writeFileSync(path.join(project, 'example.js'), outputText);
  const child = spawn(process.execPath, ['example.js'], {
    cwd: project,
    env: { ...ENV, PORT: '0', HOST: '127.0.0.1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const port = await portOf(createInterface(child.stdout));
  expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
  expect((await fetch(`http://127.0.0.1:${port}/phone`)).status).toBe(200);
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});

async function portOf(lines: AsyncIterable<string>): Promise<number> {
  for await (const line of lines) {
    const { msg, port } = JSON.parse(line) as { msg: string; port?: number };
    if (msg === 'the echo assistant is listening' && port !== undefined) return port;
  }
  throw new Error('the example ended before it was listening');
}
