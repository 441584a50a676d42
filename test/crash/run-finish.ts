import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const COMMAND = path.resolve(import.meta.dirname, '../../src/cli/offhook.ts');

/** Runs `offhook finish` on a folder. */
export async function runFinish(
  folder: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<{ code: number; said: string }> {
  const env = { PATH: process.env['PATH'], RECORDINGS_DIRECTORY: folder, ...settings };
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), COMMAND, 'finish'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, said };
}
