import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { OFFHOOK } from './offhook-command.ts';
import type { Ran } from './run-offhook.ts';

/** Of the environment of the tests, what a process needs; settings of the person who runs them are not passed. */
export const BARE_ENVIRONMENT: Readonly<Record<string, string>> = Object.fromEntries(
  ['PATH', 'HOME', 'TMPDIR', 'NODE_OPTIONS', 'NODE_V8_COVERAGE'].flatMap((name) => {
    const { [name]: value } = process.env;
    return value === undefined ? [] : [[name, value]];
  }),
);

/** `offhook setup` in a process of its own and in a directory of its own, without a terminal. */
export function runSetup(
  cwd: string,
  parameters: readonly string[],
  env: Readonly<Record<string, string>> = {},
  watch?: (child: ChildProcessByStdio<null, Readable, Readable>) => void,
): Promise<Ran> {
  const child = spawn(process.execPath, [OFFHOOK, 'setup', ...parameters], {
    cwd,
    env: { ...BARE_ENVIRONMENT, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  watch?.(child);
  const out = { stdout: '', stderr: '' };
  child.stdout.on('data', (data: Buffer) => (out.stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (out.stderr += data.toString()));
  return new Promise((resolve) => {
    child.on('close', (status) => resolve({ status, ...out }));
  });
}
