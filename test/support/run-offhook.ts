import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { OFFHOOK } from './offhook-command.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command `offhook` in a process of its own, at the root of the project. */
export function runOffhook(
  command: string,
  parameters: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const child = spawn(process.execPath, [OFFHOOK, command, ...parameters], {
    cwd: ROOT,
    env: { ...process.env, ...env },
  });
  const out = { stdout: '', stderr: '' };
  child.stdout.on('data', (data: Buffer) => (out.stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (out.stderr += data.toString()));
  return new Promise((resolve) => {
    child.on('close', (status) => resolve({ status, ...out }));
  });
}
