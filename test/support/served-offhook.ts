import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { comesTrue } from './comes-true.ts';
import { OFFHOOK } from './offhook-command.ts';
import { ownFolder } from './own-folder.ts';
import { unusedPort } from './unused-port.ts';

/** `offhook serve` in a process of its own. */
export interface ServedOffhook {
  readonly url: string;
  health(): Promise<Record<string, unknown>>;
  /** SIGTERM. Resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** `nodeOptions`: parameters of Node.js. Resolves when the server answers. */
export async function servedOffhook(
  env: Readonly<Record<string, string>>,
  nodeOptions: readonly string[] = [],
): Promise<ServedOffhook> {
  const folder = ownFolder();
  const port = await unusedPort();
  const own = path.join(folder.path, 'responses');
  const child = spawn(process.execPath, [...nodeOptions, OFFHOOK, 'serve'], {
    cwd: folder.path,
    env: {
      ...{ PATH: process.env['PATH'], PORT: String(port), RECORDINGS_DIRECTORY: own },
      ...{ MICROPHONE_DIRECTORY: path.join(own, 'microphone'), DRAIN_SECONDS: '0' },
      ...env,
    },
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  const health = async (): Promise<Record<string, unknown>> =>
    (await (await fetch(`${url}/health`)).json()) as Record<string, unknown>;
  await comesTrue('the server answers', () =>
    health().then(
      () => true,
      () => false,
    ),
  );
  const stop = async (): Promise<number | null> => {
    child.kill('SIGTERM');
    const [code] = (await exited) as [number | null];
    folder[Symbol.dispose]();
    return code;
  };
  return { url, health, stop };
}
