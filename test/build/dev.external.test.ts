import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { comesTrue } from '../support/comes-true.ts';
import { ownFolder } from '../support/own-folder.ts';

const CHECKOUT = path.resolve(import.meta.dirname, '../..');
const COPIED = [
  'bin',
  'package.json',
  'package-lock.json',
  'pages',
  'prompts',
  'scripts',
  'src',
  'tsconfig.json',
];
const LISTENING = "'offhook is listening'";

let folder: ReturnType<typeof ownFolder>;
let source: string;
let dev: ChildProcess | undefined;

beforeEach(() => {
  folder = ownFolder();
  for (const name of COPIED)
    cpSync(path.join(CHECKOUT, name), path.join(folder.path, name), { recursive: true });
  symlinkSync(path.join(CHECKOUT, 'node_modules'), path.join(folder.path, 'node_modules'));
  source = path.join(folder.path, 'src/cli/serve/serve.ts');
});
afterEach(() => {
  dev?.kill('SIGTERM');
  folder[Symbol.dispose]();
});

it('`npm run dev` restarts with a new build when a source changes, and keeps serving when the build fails', async () => {
  const running = spawn(process.execPath, ['scripts/dev.mjs'], {
    cwd: folder.path,
    env: { PATH: process.env['PATH'], PORT: '0', HOST: '127.0.0.1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  dev = running;
  const ended = once(running, 'exit');
  let output = '';
  for (const stream of [running.stdout, running.stderr])
    stream.on('data', (bytes: Buffer) => (output += bytes.toString()));
  const says = (text: string): Promise<void> => comesTrue(`it says ${text}`, () => output.includes(text));
  const portOf = (text: string): string => new RegExp(`"port":(\\d+).*"${text}"`, 'u').exec(output)![1]!;
  const statusAt = async (port: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}/health`)).status;

  await says('"offhook is listening"');
  const code = readFileSync(source, 'utf8');
  writeFileSync(source, `${code}\nconst = 1;\n`);
  await says('serve.ts');
  expect(await statusAt(portOf('offhook is listening'))).toBe(200);

  writeFileSync(source, code.replace(LISTENING, "'the changed offhook is listening'"));
  await says('"the changed offhook is listening"');
  expect(await statusAt(portOf('the changed offhook is listening'))).toBe(200);
  await expect(statusAt(portOf('offhook is listening'))).rejects.toThrow();

  running.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});
