import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { unusedPort } from './unused-port.ts';

/** Ends a wait that hangs. */
const START_MS = 150_000;
const POLL_MS = 50;

/** A real database server of a test's own, with its data in a temporary folder. */
export interface DatabaseServer {
  readonly folder: string;
  /** The address of a new empty database in it. */
  newDatabase(): Promise<string>;
  /** Runs statements in the database of that address. */
  run(url: string, ...statements: readonly string[]): Promise<void>;
  start(): Promise<void>;
  /** SIGKILL for all its processes; resolves when they have ended. Its data stay for the next start. */
  kill(): Promise<void>;
  /** Ends it and removes its folder. */
  end(): Promise<void>;
}

/** What sets one server apart from another. */
export interface ServerKind {
  /** Some databases refuse to be run by root: who runs it then. */
  readonly user?: string;
  /** Fills a new folder; with the command's name and parameters. */
  prepare(folder: string): readonly string[];
  command(folder: string, port: number): readonly string[];
  /** The address of the database `name`; without it of the one that is always there. */
  url(port: number, name?: string): string;
  run(url: string, statements: readonly string[]): Promise<void>;
}

/** Makes the server's folder and starts it on a free port. */
export async function startedServer(kind: ServerKind): Promise<DatabaseServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'offhook-server-'));
  const guard = new Guard(folder);
  const as = kind.user !== undefined && process.getuid?.() === 0 ? idsOf(kind.user) : undefined;
  if (as) chownSync(folder, as.uid, as.gid);
  const how = { ...as, cwd: folder };
  const port = await unusedPort();
  let child: ChildProcess | undefined;
  let databases = 0;

  const start = async (): Promise<void> => {
    const [command, ...parameters] = kind.command(folder, port);
    const until = Date.now() + START_MS;
    let said = '';
    while (!(await answers(kind, port))) {
      if (Date.now() > until) throw new Error(`${command} does not start: ${said}`);
      // What a killed server leaves behind may keep the next one out for a moment.
      if (!child || child.exitCode !== null) {
        child = spawn(command!, parameters, { ...how, stdio: ['ignore', 'ignore', 'pipe'] });
        child.stderr!.on('data', (bytes: Buffer) => (said = (said + bytes.toString()).slice(-4_000)));
        guard.watch(child.pid!);
      }
      await delay(POLL_MS);
    }
  };
  const kill = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, 'exit');
    // PostgreSQL's child processes would answer for a moment after their parent has ended.
    const children = childrenOf(running.pid!);
    running.kill('SIGKILL');
    for (const pid of children) killProcess(pid);
    await gone;
    while (children.some(isRunning)) await delay(POLL_MS);
  };
  const end = async (): Promise<void> => {
    await kill();
    await guard.end();
  };

  try {
    const [command, ...parameters] = kind.prepare(folder);
    execFileSync(command!, parameters, { ...how, stdio: ['ignore', 'ignore', 'pipe'] });
    await start();
  } catch (error) {
    await end();
    throw error;
  }
  return {
    folder,
    newDatabase: async () => {
      const name = `test${++databases}`;
      await kind.run(kind.url(port), [`create database ${name}`]);
      return kind.url(port, name);
    },
    run: (url, ...statements) => kind.run(url, statements),
    ...{ start, kill, end },
  };
}

/** Outlives this process, however it ends: then it kills the server and removes its folder. */
class Guard {
  readonly #child: ChildProcess;

  constructor(folder: string) {
    const script =
      'while read word; do pid=$word; done; [ "$pid" = none ] || kill -9 "$pid"; sleep 0.2; rm -rf "$0"';
    this.#child = spawn('sh', ['-c', script, folder], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
  }

  watch(pid: number): void {
    this.#child.stdin!.write(`${pid}\n`);
  }

  /** The server is gone. */
  async end(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.stdin!.end('none\n');
    await gone;
  }
}

async function answers(kind: ServerKind, port: number): Promise<boolean> {
  try {
    await kind.run(kind.url(port), ['select 1']);
    return true;
  } catch {
    return false;
  }
}

function idsOf(user: string): { uid: number; gid: number } {
  const id = (flag: string): number => Number(execFileSync('id', [flag, user]).toString());
  return { uid: id('-u'), gid: id('-g') };
}

function childrenOf(pid: number): readonly number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number) : [];
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** A zombie process runs no more. */
function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/su.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
