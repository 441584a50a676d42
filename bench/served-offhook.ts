import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const OFFHOOK = fileURLToPath(new URL('../bin/offhook.mjs', import.meta.url));
const STARTED_WITHIN_MS = 60_000;
const ASKED_EVERY_MS = 20;
/** As on every Linux: CPU time is counted in hundredths of a second. */
const TICKS_PER_SECOND = 100;

/** A server that was started by `offhook serve`. */
export interface ServedOffhook {
  readonly port: number;
  /** User and system time of all its threads, by proc(5). */
  cpuSeconds(): number;
  /** Resolves when it has ended. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Starts the built `offhook serve` on a free port. `cpu`: the processor to which it is pinned. */
export async function serveOffhook(
  folder: string,
  env: Readonly<Record<string, string>>,
  cpu?: number,
): Promise<ServedOffhook> {
  const command = [process.execPath, OFFHOOK, 'serve'];
  const [program, ...parameters] = cpu === undefined ? command : ['taskset', '-c', String(cpu), ...command];
  const child = spawn(program!, parameters, {
    cwd: folder,
    env: {
      ...{ PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: '0', LOG_FORMAT: 'json' },
      ...{ RECORDINGS_DIRECTORY: folder, ...env },
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await listening(child);
  return {
    port,
    cpuSeconds: () => cpuSecondsOf(child.pid!),
    end: async (signal) => {
      const gone = once(child, 'exit');
      if (child.kill(signal)) await gone;
    },
  };
}

/** Resolves with the port once the log has it. */
async function listening(child: ChildProcess): Promise<number> {
  let log = '';
  child.stdout?.on('data', (data: Buffer) => (log = (log + data.toString()).slice(-10_000)));
  const until = performance.now() + STARTED_WITHIN_MS;
  while (performance.now() < until && child.exitCode === null) {
    const port = /"port":(\d+)[^\n]*"msg":"offhook is listening"/u.exec(log)?.[1];
    if (port !== undefined) return Number(port);
    await new Promise((resolve) => setTimeout(resolve, ASKED_EVERY_MS));
  }
  throw new Error(`offhook did not start: ${log}`);
}

/** User and system time of all threads of a process, by proc(5). */
export function cpuSecondsOf(pid: number): number {
  const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /su, '')
    .split(' ');
  return (Number(afterName[11]) + Number(afterName[12])) / TICKS_PER_SECOND;
}
