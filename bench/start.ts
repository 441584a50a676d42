import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { percentile } from './percentile.ts';

const OFFHOOK = [path.resolve(import.meta.dirname, '../bin/offhook.mjs'), 'serve'];
const BARE = [
  '--input-type=module',
  '--eval',
  "import { createServer } from 'node:http'; createServer((_, answer) => answer.end()).listen(process.env.PORT, '127.0.0.1');",
];
/** After this time V8 has released the memory of the start. */
const IDLE_MS = 12_000;
const ASKED_EVERY_MS = 5;
const STARTED_WITHIN_MS = 60_000;
/** Clock ticks per second in /proc; 100 on all systems that Node supports. */
const MS_PER_CLOCK_TICK = 10;

/** A restart during a call costs the caller the start time. */
export const START_GOAL = { healthyMs: 1_000, idleMb: 130 } as const;

export interface StartRow {
  readonly server: string;
  /** From the start of the process to the first 200 response of /health. */
  readonly healthyMs: number;
  /** User and system time of all threads until then. */
  readonly cpuMs: number;
  /** Resident memory of the process after an idle period. */
  readonly idleMb: number;
}

interface Started {
  readonly child: ChildProcess;
  readonly healthyMs: number;
  readonly cpuMs: number;
}

/** Starts the production build of offhook and a bare server alternately; returns medians of the rounds. */
export async function benchStart(rounds: number): Promise<readonly StartRow[]> {
  const bare: StartRow[] = [];
  const offhook: StartRow[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const folder = mkdtempSync(path.join(tmpdir(), 'offhook-start-'));
    const started = [await start(BARE, folder), await start(OFFHOOK, folder)] as const;
    await wait(IDLE_MS);
    bare.push(rowOf('bare node:http', started[0]));
    offhook.push(rowOf('offhook', started[1]));
    await Promise.all(started.map(({ child }) => stop(child)));
    rmSync(folder, { recursive: true });
  }
  return [medianOf(bare), medianOf(offhook)];
}

async function start(script: readonly string[], folder: string): Promise<Started> {
  const port = await freePort();
  const since = performance.now();
  const child = spawn(process.execPath, script, {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  while (!(await isHealthy(port))) {
    if (child.exitCode !== null || performance.now() - since > STARTED_WITHIN_MS)
      throw new Error(`${script.join(' ')} did not start`);
    await wait(ASKED_EVERY_MS);
  }
  return { child, healthyMs: performance.now() - since, cpuMs: cpuMsOf(child) };
}

function rowOf(server: string, { child, healthyMs, cpuMs }: Started): StartRow {
  const kilobytes = /^VmRSS:\s+(\d+)/mu.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
  return { server, healthyMs, cpuMs, idleMb: Number(kilobytes) / 1_000 };
}

function medianOf(rows: readonly StartRow[]): StartRow {
  const median = (value: (row: StartRow) => number): number => percentile(rows.map(value), 50);
  return {
    server: rows[0]!.server,
    healthyMs: median((row) => row.healthyMs),
    cpuMs: median((row) => row.cpuMs),
    idleMb: median((row) => row.idleMb),
  };
}

function cpuMsOf({ pid }: ChildProcess): number {
  // The name in parentheses may contain anything; user and system time are fields 14 and 15.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /su, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_CLOCK_TICK;
}

function isHealthy(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/health`).then(
    ({ status }) => status === 200,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill();
  await ended;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
