import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { unusedPort } from '../test/support/unused-port.ts';
import { type Asked, startAsked } from './ask.ts';
import { serverSettings } from './calls.ts';
import { type DeskLatencyRow, measureDeskLatency } from './cluster/desk-latency.ts';
import type { LoadFigures } from './generator.ts';
import { percentile } from './percentile.ts';
import { serveOffhook, type ServedOffhook } from './served-offhook.ts';
import { table } from './tables.ts';

/** Replication may cost this much of a call. */
export const REPLICATION_GOAL = 1.15;
/** Servers on one processor, callers, services and Redis on the other one. */
const SERVER_CPU = 0;
const OTHER_CPU = 1;
/** In a round each caller speaks once. */
const ROUND_MS = 8_000;
/** From the end of a caller's sentence to the end of the work for its reply. */
const SETTLE_MS = 4_000;
const REDIS_WITHIN_MS = 5_000;
/** Calls that are watched and heard from the other machine. */
const WATCHED = 5;
const DESK_MS = 24_000;

export interface ReplicationOptions {
  readonly calls: number;
  readonly rounds: number;
  readonly warmUpMs: number;
  /** A multiple of 8 s. */
  readonly holdMs: number;
}

/** CPU seconds per call-minute of conversations, in each round. */
export interface ReplicationRow {
  readonly calls: number;
  readonly alone: readonly number[];
  readonly replicated: readonly number[];
  readonly desk: readonly DeskLatencyRow[];
}

/**
 * The cost of conversations without and with `REDIS_URL`, in turn. Both servers have their calls all the time, and only those of the measured
 * one send audio. Fails if a journal is not in Redis.
 */
export async function benchReplication(options: ReplicationOptions): Promise<ReplicationRow> {
  const folders = ['alone', 'cluster', 'other', 'redis'].map((name) =>
    mkdtempSync(path.join(tmpdir(), `offhook-bench-${name}-`)),
  );
  const [aloneFolder, clusterFolder, otherFolder, redisFolder] = folders as [string, string, string, string];
  const redisPort = await unusedPort();
  const server = startRedis(redisPort, redisFolder);
  const redis = new Redis({ port: redisPort, retryStrategy: () => 50 });
  redis.on('error', () => undefined);
  const generator = await startAsked('generator.ts', { cpu: OTHER_CPU });
  const started: ServedOffhook[] = [];
  try {
    await redis.ping();
    const settings = await serverSettings(generator, '');
    const env = { ...settings, LOG_LEVEL: 'info' };
    const shared = { ...env, REDIS_URL: `redis://127.0.0.1:${redisPort}` };
    started.push(await serveOffhook(aloneFolder, { ...env, RECORDINGS_DIRECTORY: aloneFolder }, SERVER_CPU));
    started.push(
      await serveOffhook(clusterFolder, { ...shared, RECORDINGS_DIRECTORY: clusterFolder }, SERVER_CPU),
    );
    const [alone, replicated] = started as [ServedOffhook, ServedOffhook];
    const row = await costs({ generator, redis, servers: [alone, replicated] }, options);
    const other = await serveOffhook(
      otherFolder,
      { ...shared, RECORDINGS_DIRECTORY: otherFolder },
      OTHER_CPU,
    );
    started.push(other);
    return { ...row, desk: await deskLatency(redis, replicated, other) };
  } finally {
    await Promise.all([generator.kill(), ...started.map((each) => each.end('SIGKILL'))]);
    redis.disconnect();
    server.kill('SIGKILL');
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
}

function startRedis(port: number, folder: string): ChildProcess {
  const parameters = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  return spawn('taskset', ['-c', String(OTHER_CPU), 'redis-server', ...parameters], { stdio: 'ignore' });
}

interface Running {
  readonly generator: Asked;
  readonly redis: Redis;
  readonly servers: readonly [alone: ServedOffhook, replicated: ServedOffhook];
}

/** While the calls of one machine go on, of which the other one watches and hears a few. */
async function deskLatency(
  redis: Redis,
  owner: ServedOffhook,
  other: ServedOffhook,
): Promise<readonly DeskLatencyRow[]> {
  const journals = await redis.keys('*:journal');
  const calls = journals.flatMap((key) => /CA[0-9a-f]{32}/u.exec(key)?.[0] ?? []).slice(0, WATCHED);
  const [ownerUrl, otherUrl] = [owner, other].map(({ port }) => `http://127.0.0.1:${port}`);
  return measureDeskLatency({ owner: ownerUrl!, other: otherUrl!, calls }, DESK_MS);
}

async function costs(running: Running, options: ReplicationOptions): Promise<Omit<ReplicationRow, 'desk'>> {
  const { generator, redis, servers } = running;
  const { calls, rounds, warmUpMs } = options;
  for (const { port } of servers) await generator.ask('ring', { port, calls, overMs: ROUND_MS });
  await wait(warmUpMs);
  const [alone, replicated]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    alone.push(await costOf(servers[0], generator, options));
    replicated.push(await costOf(servers[1], generator, options));
  }
  await journalsAreIn(redis, calls);
  return { calls, alone, replicated };
}

async function costOf(
  server: ServedOffhook,
  generator: Asked,
  { calls, holdMs }: ReplicationOptions,
): Promise<number> {
  await generator.ask('onlyServer', { port: server.port });
  await wait(SETTLE_MS);
  await generator.ask('begin');
  const [cpuBefore, sinceMs] = [server.cpuSeconds(), performance.now()];
  await wait(holdMs);
  const cpuSeconds = server.cpuSeconds() - cpuBefore;
  const minutes = (performance.now() - sinceMs) / 60_000;
  const { lost, failed, answers } = await generator.ask<LoadFigures>('end');
  if (lost > 0 || failed > 0) throw new Error(`${lost} calls were lost, ${failed} failed`);
  if (answers < (calls * holdMs) / ROUND_MS / 2) throw new Error(`only ${answers} replies were asked for`);
  return cpuSeconds / minutes / calls;
}

async function journalsAreIn(redis: Redis, calls: number): Promise<void> {
  const untilMs = performance.now() + REDIS_WITHIN_MS;
  let found = 0;
  while (performance.now() < untilMs) {
    found = (await redis.keys('*:journal')).length;
    if (found === calls) return;
    await wait(100);
  }
  throw new Error(`Redis has ${found} journals of ${calls} calls`);
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export function replicationTable({ calls, alone, replicated }: ReplicationRow): string {
  const median = (values: readonly number[]): number => percentile(values, 50);
  const ratios = replicated.map((cost, round) => cost / alone[round]!);
  return table([
    ['calls', 'alone', 'with Redis', 'ratio', 'of rounds', 'goal'],
    [
      String(calls),
      median(alone).toFixed(3),
      median(replicated).toFixed(3),
      median(ratios).toFixed(2),
      ratios.map((ratio) => ratio.toFixed(2)).join(' '),
      String(REPLICATION_GOAL),
    ],
  ]);
}
