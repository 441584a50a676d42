import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { OFFHOOK } from '../support/offhook-command.ts';

/** Runs `offhook finish` on a folder. */
export async function runFinish(
  folder: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<{ code: number; said: string; errors: string }> {
  const env = { PATH: process.env['PATH'], RECORDINGS_DIRECTORY: folder, ...settings };
  const child = spawn(process.execPath, [OFFHOOK, 'finish'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, said, errors };
}
