import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { OFFHOOK } from '../support/offhook-command.ts';

/** Ends a wait that hangs. */
const READY_WITHIN_MS = 150_000;

/** The real server in a process of its own. */
export interface ServerProcess {
  readonly baseUrl: string;
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  /** What it logged, a parsed line each. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
  /** SIGKILL, now. */
  kill(): void;
  signal(signal: NodeJS.Signals): void;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

const running = new Set<ChildProcess>();

/** Kills what a test left running. */
export function killServers(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Starts the server on a free port with its files in `folder`; nothing of the user's own settings reaches it. */
export async function startServer(
  folder: string,
  settings: Readonly<Record<string, string>> = {},
  /** A shell command in front of node, as `exec unshare …`. */
  through?: string,
): Promise<ServerProcess> {
  const host = settings['HOST'] ?? '127.0.0.1';
  const env = {
    PATH: process.env['PATH'],
    PORT: '0',
    RECORDINGS_DIRECTORY: folder,
    ...settings,
    HOST: host,
  };
  const node = [process.execPath, OFFHOOK, 'serve'];
  const [program = '', ...args] =
    through === undefined ? node : ['bash', '-c', `${through} "$@"`, '-', ...node];
  // The folder holds neither .env nor audio_config.env.
  const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const ended = once(child, 'exit').then(([code, signal]) => {
    running.delete(child);
    return (code ?? signal) as number | NodeJS.Signals;
  });
  const log: Record<string, unknown>[] = [];
  const port = await new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the server did not start in time')), READY_WITHIN_MS);
    createInterface(child.stdout).on('line', (line) => {
      const entry = JSON.parse(line) as Record<string, unknown>;
      log.push(entry);
      if (entry['msg'] !== 'offhook is listening') return;
      clearTimeout(timer);
      resolve(Number(entry['port']));
    });
    void ended.then((how) => reject(new Error(`the server ended (${how}): ${complaints}`)));
  });
  return {
    ...{ host, port, baseUrl: `http://${host}:${port}`, pid: child.pid!, log, ended },
    kill: () => child.kill('SIGKILL'),
    signal: (signal) => child.kill(signal),
  };
}
