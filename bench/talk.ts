import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { EagerReplies } from '../src/events/call-settings.ts';
import type { CallRecord } from '../src/records/call-record.ts';
import type { TurnTiming } from '../src/records/reconstructed-call.ts';
import { readAllScenarios, readScenario } from '../src/simulator/fixtures/scenario.ts';
import { newSid, placeCall } from '../src/simulator/phone/simulated-phone.ts';
import { startFakeOpenAi } from '../test/doubles/fake-openai.ts';
import { startScenarioRealtime } from '../test/doubles/realtime/scenario-realtime.ts';
import { scenarioCall } from '../test/doubles/scenario-call.ts';
import { percentile } from './percentile.ts';
import { serveOffhook } from './served-offhook.ts';

/** The speeds of the services, in milliseconds. */
const SPEEDS = { transcriptionMs: 150, firstTokenMs: 150, betweenTokensMs: 8, speechFirstMs: 120 } as const;
/** The first audio of a speech-to-speech model, in milliseconds. */
const SPOKEN_FIRST_MS = 250;
/** The replies of the first are heard out; in the second, the caller interrupts one. */
export const TALK_SCENARIOS = ['conversation', 'barge-in'] as const;
const FILES_WITHIN_MS = 60_000;
const ASKED_EVERY_MS = 50;
/** Calls begin this far apart, so that their turns do not coincide. */
const BETWEEN_CALLS_MS = 130;

/** Response times of one run, all in milliseconds since the caller's last voiced sample. */
export interface TalkRow {
  readonly scenario: (typeof TALK_SCENARIOS)[number];
  readonly engine: 'pipeline' | 'realtime';
  readonly eager: EagerReplies;
  readonly calls: number;
  readonly turns: number;
  readonly textMs: number;
  readonly decidedMs: number;
  readonly tokenMs: number;
  readonly audioMs: number;
  readonly heardP50Ms: number;
  readonly heardP95Ms: number;
  /** From the arrival of the first audio, or the end of the turn if that is later, to its sending. */
  readonly ownP50Ms: number;
  readonly ownP99Ms: number;
  readonly discardedDrafts: number;
  /** From the caller's first voiced sample over a reply to silence at the phone; undefined: no reply was interrupted. */
  readonly silentP50Ms: number | undefined;
  readonly silentP95Ms: number | undefined;
}

export type TalkRun = Pick<TalkRow, 'scenario' | 'engine' | 'eager' | 'calls'>;

/** Plays scripted calls at the production server with services of fixed speeds; the times are those of the calls' `.json`. */
export async function benchTalk(runs: readonly TalkRun[]): Promise<readonly TalkRow[]> {
  const rows: TalkRow[] = [];
  for (const run of runs) rows.push(rowOf(run, await play(run)));
  return rows;
}

async function play({ scenario, engine, eager, calls }: TalkRun): Promise<readonly CallRecord[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'offhook-talk-'));
  const services = await startFakeOpenAi({ scenarios: readAllScenarios(), timing: SPEEDS });
  const realtime = await startScenarioRealtime(readAllScenarios(), { firstAudioMs: SPOKEN_FIRST_MS });
  const server = await serveOffhook(folder, {
    DEFAULT_AUDIO_FORMAT: 'wav',
    ASSISTANT: engine,
    // A Realtime voice is not measured here.
    ...(engine === 'realtime' && { REALTIME_BASE_URL: realtime.baseUrl.replace('http', 'ws') }),
    EAGER_REPLIES: eager,
    OPENAI_API_KEY: 'bench',
    OPENAI_BASE_URL: services.url,
  });
  try {
    const baseUrl = `http://127.0.0.1:${server.port}`;
    const placed = Array.from({ length: calls }, async (_, index) => {
      await pause(index * BETWEEN_CALLS_MS);
      const callSid = newSid('CA');
      await placeCall({ baseUrl, callSid, ...scenarioCall(readScenario(scenario), index) });
      return recordOf(path.join(folder, `call_${callSid}.json`));
    });
    return await Promise.all(placed);
  } finally {
    await server.end('SIGTERM');
    await Promise.all([services.close(), realtime.close()]);
    rmSync(folder, { recursive: true });
  }
}

async function recordOf(file: string): Promise<CallRecord> {
  const until = performance.now() + FILES_WITHIN_MS;
  while (!existsSync(file)) {
    if (performance.now() > until) throw new Error(`${file} was not written`);
    await pause(ASKED_EVERY_MS);
  }
  return JSON.parse(readFileSync(file, 'utf8')) as CallRecord;
}

function rowOf({ scenario, engine, eager }: TalkRun, records: readonly CallRecord[]): TalkRow {
  const silent = records.flatMap(({ figures }) => figures.bargeInMs ?? []);
  const timings = records.flatMap(({ turns }) => turns.flatMap(({ timing }) => timing ?? []));
  const of = (name: keyof TurnTiming): number[] => timings.flatMap((timing) => timing[name] ?? []);
  const own = timings.flatMap(({ audioMs, decidedMs, sentMs }) =>
    audioMs === undefined || decidedMs === undefined || sentMs === undefined
      ? []
      : sentMs - Math.max(audioMs, decidedMs),
  );
  return {
    scenario,
    engine,
    eager,
    calls: records.length,
    turns: timings.length,
    textMs: percentile(of('textMs'), 50),
    decidedMs: percentile(of('decidedMs'), 50),
    tokenMs: percentile(of('tokenMs'), 50),
    audioMs: percentile(of('audioMs'), 50),
    heardP50Ms: percentile(of('heardMs'), 50),
    heardP95Ms: percentile(of('heardMs'), 95),
    ownP50Ms: percentile(own, 50),
    ownP99Ms: percentile(own, 99),
    discardedDrafts: records.reduce((sum, { figures }) => sum + (figures.discardedDrafts ?? 0), 0),
    silentP50Ms: silent.length > 0 ? percentile(silent, 50) : undefined,
    silentP95Ms: silent.length > 0 ? percentile(silent, 95) : undefined,
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
