import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { vi } from 'vitest';
import { reportFailure } from '../../src/cli/command-failure.ts';
import { EXIT, type ExitCode } from '../../src/cli/exit-codes.ts';
import { setupCommand } from '../../src/cli/setup/setup-command.ts';
import { OFFHOOK } from './offhook-command.ts';
import type { Ran } from './run-offhook.ts';

/** Of the environment of the tests, what a process needs; settings of the person who runs them are not passed. */
export const BARE_ENVIRONMENT: Readonly<Record<string, string>> = Object.fromEntries(
  ['PATH', 'HOME', 'TMPDIR', 'NODE_OPTIONS', 'NODE_V8_COVERAGE'].flatMap((name) => {
    const { [name]: value } = process.env;
    return value === undefined ? [] : [[name, value]];
  }),
);

/** `offhook setup` in a process of its own, as users run it, and in a directory of its own, without a terminal. */
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

/** The same command in this process, which starts faster. */
export async function runSetupHere(
  cwd: string,
  parameters: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const out = { stdout: '', stderr: '' };
  const collect = (name: 'stdout' | 'stderr') =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      out[name] += typeof text === 'string' ? text : Buffer.from(text).toString();
      return true;
    });
  const spies = [collect('stdout'), collect('stderr')];
  let status: ExitCode = EXIT.done;
  try {
    const command = setupCommand({ cwd, env: { ...BARE_ENVIRONMENT, ...env } }, (ended) => (status = ended));
    await command.exitOverride().parseAsync(parameters, { from: 'user' });
  } catch (error) {
    status = reportFailure(error);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return { status, ...out };
}
