import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Asked, startAsked } from './ask.ts';
import { measured, serverSettings } from './calls.ts';
import { percentile } from './percentile.ts';
import type { FunctionTime } from './profile-rows.ts';

/** `conversation`: callers and assistant speak in turn. `media`: no services are set, and the answering machine listens. */
export type CostScenario = 'conversation' | 'media';

export interface CostOptions {
  readonly scenario: CostScenario;
  readonly calls: number;
  readonly rounds: number;
  /** After the last call has begun; the servers' code is compiled meanwhile. */
  readonly warmUpMs: number;
  /** Each measurement lasts this long; a multiple of 8 s, in which each caller speaks once. */
  readonly holdMs: number;
  /** Measure the memory of a call. */
  readonly memory?: boolean;
  /** Profile the server afterwards. */
  readonly profile?: boolean;
}

export interface CostRow {
  readonly scenario: CostScenario;
  readonly calls: number;
  /** CPU seconds of all threads per minute of a call: medians of the rounds. */
  readonly bare: number;
  readonly offhook: number;
  /** The median of the rounds' ratios. */
  readonly ratio: number;
  readonly ratios: readonly number[];
  /** Objects and buffers of a live call in the main thread after a garbage collection: what further calls add. */
  readonly liveMbPerCall: number | undefined;
  /** CPU seconds of each thread per call-minute, the largest first: main thread, garbage collection, storage. */
  readonly threads: readonly number[];
  readonly functions: readonly FunctionTime[];
  readonly profiledFrames: number;
}

const FRAMES_PER_MINUTE = 3_000;
const BARE_HOLD_MS = 4_000;
const BARE_SETTLE_MS = 1_000;
/** From the end of a caller's sentence to the end of the work for its reply. */
const CONVERSATION_SETTLE_MS = 4_000;
const PROFILE_MS = 8_000;
const SHORT_THREADS_MS = 2_000;
const ROUND_MS = 8_000;

/**
 * The CPU time of calls against the bare server, with the same number of calls. Both servers have their calls all the time, and
 * only those of the measured one send audio. CPU time depends little on what else runs on the machine.
 */
export async function benchCost(options: CostOptions): Promise<CostRow> {
  const recordings = mkdtempSync(path.join(tmpdir(), 'offhook-bench-'));
  const started = await Promise.all(
    (['generator.ts', 'bare-server.ts', 'offhook-server.ts'] as const).map((script) => startAsked(script)),
  );
  const [generator, bare, offhook] = started as [Asked, Asked, Asked];
  try {
    const settings = await serverSettings(generator, recordings);
    const withoutServices = Object.fromEntries(
      Object.entries(settings).filter(([name]) => !name.startsWith('OPENAI_')),
    );
    const ports = {
      bare: await bare.ask<number>('listen'),
      offhook: await offhook.ask<number>('listen', options.scenario === 'media' ? withoutServices : settings),
    };
    return await costOf({ generator, bare, offhook, ports }, options);
  } finally {
    await Promise.all(started.map((one) => one.kill()));
    rmSync(recordings, { recursive: true, force: true });
  }
}

interface Running {
  readonly generator: Asked;
  readonly bare: Asked;
  readonly offhook: Asked;
  readonly ports: { readonly bare: number; readonly offhook: number };
}

async function costOf(running: Running, options: CostOptions): Promise<CostRow> {
  const { generator, offhook, ports } = running;
  const { scenario, calls, rounds, warmUpMs, holdMs } = options;
  // Spreads the starts over a whole round, so that callers do not speak simultaneously.
  await Promise.all([
    generator.ask('add', { port: ports.offhook, calls, overMs: ROUND_MS }),
    generator.ask('add', { port: ports.bare, calls, overMs: ROUND_MS }),
  ]);
  await wait(warmUpMs);
  const costs: { bare: number; offhook: number }[] = [];
  const settleMs = scenario === 'conversation' ? CONVERSATION_SETTLE_MS : BARE_SETTLE_MS;
  for (let round = 0; round < rounds; round += 1)
    costs.push({
      bare: await costIn(running, 'bare', calls, BARE_SETTLE_MS, BARE_HOLD_MS),
      offhook: await costIn(running, 'offhook', calls, settleMs, holdMs, scenario === 'conversation'),
    });
  const threadsMs = options.memory ? PROFILE_MS : SHORT_THREADS_MS;
  await offhook.ask('beginThreads');
  await wait(threadsMs);
  const threads = Object.values(await offhook.ask<Record<string, number>>('endThreads'));
  const perCallMinute = 60 / threadsMs / calls;
  const functions = options.profile ? await profiled(offhook) : [];
  return {
    ...{ scenario, calls, functions },
    bare: median(costs.map((cost) => cost.bare)),
    offhook: median(costs.map((cost) => cost.offhook)),
    ratio: median(costs.map((cost) => cost.offhook / cost.bare)),
    ratios: costs.map((cost) => cost.offhook / cost.bare),
    liveMbPerCall: options.memory ? await memoryOfCall(running, calls) : undefined,
    threads: threads.sort((one, other) => other - one).map((ms) => ms * perCallMinute),
    profiledFrames: (calls * PROFILE_MS * FRAMES_PER_MINUTE) / 60_000,
  };
}

/** CPU seconds per call-minute of a server while only its calls send audio. Fails if a call is lost or a caller is not answered. */
async function costIn(
  { generator, ports, ...servers }: Running,
  server: 'bare' | 'offhook',
  calls: number,
  settleMs: number,
  holdMs: number,
  isAnswered = false,
): Promise<number> {
  await generator.ask('onlyServer', { port: ports[server] });
  await wait(settleMs);
  const [load, { cpuSeconds, wallSeconds }] = await measured(servers[server], generator, holdMs);
  if (load.lost > 0 || load.failed > 0)
    throw new Error(`${server}: ${load.lost} calls were lost, ${load.failed} failed`);
  // Each caller speaks once in a round.
  const expected = (calls * holdMs) / ROUND_MS;
  if (isAnswered && load.answers < expected / 2)
    throw new Error(
      `${server}: the services were asked for ${load.answers} replies to ${expected} sentences`,
    );
  return (cpuSeconds * 60) / wallSeconds / calls;
}

/** Adds half as many calls again, and lets each speak once. */
async function memoryOfCall({ generator, offhook, ports }: Running, calls: number): Promise<number> {
  const before = await offhook.ask<number>('liveBytes');
  const more = Math.ceil(calls / 2);
  await generator.ask('add', { port: ports.offhook, calls: more, overMs: ROUND_MS });
  await wait(ROUND_MS);
  return ((await offhook.ask<number>('liveBytes')) - before) / 1e6 / more;
}

async function profiled(offhook: Asked): Promise<readonly FunctionTime[]> {
  await offhook.ask('beginProfile');
  await wait(PROFILE_MS);
  return offhook.ask<readonly FunctionTime[]>('endProfile');
}

function median(values: readonly number[]): number {
  return percentile(values, 50);
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
