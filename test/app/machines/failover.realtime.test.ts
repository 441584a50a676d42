import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordedSpeechOf } from '../../../src/simulator/fixtures/recorded-speech.ts';
import { readAllScenarios } from '../../../src/simulator/fixtures/scenario.ts';
import { newSid, type SimulatedCall } from '../../../src/simulator/phone/simulated-phone.ts';
import { readJson } from '../../crash/kept-sound.ts';
import { ASKS, doing } from '../../crash/own-server.ts';
import type { Fault } from '../../doubles/fake-openai-faults.ts';
import { scenarioCall } from '../../doubles/scenario-call.ts';
import { comesTrue } from '../../support/comes-true.ts';
import { DeskClient } from '../../support/desk-client.ts';
import { ffprobe } from '../../support/ffprobe.ts';
import { CallSoFar, type Held, LOSS_MOMENTS, type LossMoment, scenarioOf, WAITS } from './loss-moments.ts';
import { operate } from './operate.ts';
import { checkContinued, checkedFiles, firstSoundMs } from './record-checks.ts';
import {
  AUTHORIZATION,
  startTelephoneSystem,
  type SystemMachine,
  type TelephoneSystem,
} from './telephone-system.ts';

/** From the end of the stream, or, if packets are dropped, from the first of them. */
const SPOKEN_TO_WITHIN_MS = { killed: 3_000, cut: 8_000 } as const;
const GREETING = 'Thank you for calling. How can I help you?';
/** Moments of the calls whose machine is not killed, but does not reach anything. */
const CUT = ['mid-utterance', 'waiting for the reply', 'late in the reply', 'barge-in', 'mid-upload'];
/** After the words of the other machine, the caller waits so long for more. */
const PATIENCE_MS = 1_500;

/** What `/health` says while Redis does not answer. */
const REDIS = /^Redis|replication/u;

let system: TelephoneSystem;
let a: SystemMachine;
let b: SystemMachine;
const rows: string[] = [];
/** The calls in progress of a machine that will be lost; of other ones nothing is held. */
let followed: FollowedCall[] = [];

/** A call that is to be in a certain moment when its machine is lost. */
class FollowedCall {
  readonly moment: LossMoment;
  readonly soFar = new CallSoFar();
  readonly call: SimulatedCall;
  readonly startedAtMs = performance.now();
  isLost = false;

  constructor(moment: LossMoment) {
    this.moment = moment;
    this.call = system.call({
      callSid: newSid('CA'),
      pingEveryMs: 10,
      ...scenarioCall(scenarioOf(moment)),
      onProgress: (progress) => {
        this.soFar.note(progress);
        if (this.isLost && progress.kind === 'assistant') this.#leaveAfterSilence(progress.playing);
      },
    });
  }

  get isNow(): boolean {
    return this.moment.isNow(this.soFar);
  }

  /** Whether a request is held that has this in it. */
  holds(held: Held, content: string): boolean {
    if (this.isLost || this.moment.held !== held || !content.includes(this.#own(held))) return false;
    this.soFar.isHeld = true;
    return true;
  }

  #own(held: Held): string {
    return held === 'upload' ? this.call.callSid : recordedSpeechOf(this.moment.audio).text;
  }

  #silence: NodeJS.Timeout | undefined;

  #leaveAfterSilence(playing: boolean): void {
    clearTimeout(this.#silence);
    if (!playing) this.#silence = setTimeout(() => this.call.hangUp('caller'), PATIENCE_MS);
  }
}

beforeAll(async () => {
  const fault = (held: string, content: string): Fault | undefined =>
    followed.some((each) => each.holds(held as Held, content)) ? { kind: 'hang' } : undefined;
  system = await startTelephoneSystem({
    openAi: {
      scenarios: readAllScenarios(),
      timing: { firstTokenMs: 700, speechFirstMs: 250 },
      faultFor: (service, body, heard) => fault(service, `${heard} ${JSON.stringify(body)}`),
    },
  });
  system.store.proxy.harm = ({ method, url }) =>
    method === 'PUT' && url.includes('_conversation') && fault('upload', url) ? 'stall' : undefined;
  [a, b] = await Promise.all([system.machine('A'), system.machine('B')]);
  await acquainted(1);
});

/** Each machine knows the other. `starts`: of the first one. */
async function acquainted(starts: number): Promise<void> {
  await comesTrue('the machines know each other', () => a.met > 0 && b.met >= starts);
}

afterAll(async () => {
  console.log(rows.join('\n'));
  await system.close();
});

/** Calls that all are in their moments when this resolves. */
async function callsAt(moments: readonly LossMoment[]): Promise<readonly FollowedCall[]> {
  const firstMs = Math.min(...moments.map(({ startMs }) => startMs));
  followed = [];
  await Promise.all(
    moments.map(async (moment) => {
      await new Promise((resolve) => setTimeout(resolve, moment.startMs - firstMs));
      followed.push(new FollowedCall(moment));
    }),
  );
  const latestMs = performance.now() + 6_000;
  while (!followed.every(({ isNow }) => isNow)) {
    if (performance.now() > latestMs) throw new Error(`the calls are not in their moments:\n${missing()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return followed;
}

function missing(): string {
  const late = followed.filter(({ isNow }) => !isNow);
  return late.map(({ moment, soFar }) => `${moment.name}: ${soFar.toString()}`).join('\n');
}

/** Checks all calls of a machine that was lost. `lostAtMs`: when packets were dropped; undefined: connections were reset. */
async function checkCalls(calls: readonly FollowedCall[], lostAtMs?: number): Promise<void> {
  for (const { moment, call, startedAtMs } of calls) {
    const report = await call.report;
    const kept = await checkedFiles(system, call.callSid);
    const asked = recordedSpeechOf(moment.audio).text;
    const others = LOSS_MOMENTS.filter(({ audio }) => audio !== moment.audio);
    const texts = kept.json.turns.map(({ text }) => text ?? '').join('\n');
    for (const { audio } of others) expect.soft(texts).not.toContain(recordedSpeechOf(audio).text);
    if (!moment.isUnheard) expect.soft(texts, moment.name).toContain(asked);
    if (moment.isOver) {
      rows.push(`${moment.name.padEnd(28)} files by the other machine`);
      continue;
    }
    // Requests to a machine that is lost have no answer; Twilio does not repeat those about streams.
    expect.soft(report.errors.filter((error) => !error.includes('/stream-status'))).toEqual([]);
    expect(report.streams, moment.name).toHaveLength(2);
    const [before, after] = report.streams;
    const endedAtMs =
      lostAtMs === undefined ? before!.startedAtMs + before!.lengthMs : lostAtMs - startedAtMs;
    const spokenToMs = after!.startedAtMs + firstSoundMs(after!) - endedAtMs;
    const limitMs = SPOKEN_TO_WITHIN_MS[lostAtMs === undefined ? 'killed' : 'cut'];
    expect.soft(spokenToMs, `${moment.name}: spoken to`).toBeLessThan(limitMs);
    const lossMs = checkContinued(kept, report);
    const greetings = kept.json.turns.filter(({ text }) => text && GREETING.startsWith(text));
    expect.soft(greetings, `${moment.name}: greetings`).toHaveLength(1);
    rows.push(
      `${moment.name.padEnd(28)} spoken to after ${spokenToMs.toFixed(0).padStart(5)} ms, lost ${lossMs.toFixed(0).padStart(4)} ms`,
    );
  }
}

/** The machine that was lost is there again: it sets its journals aside, and stores nothing. */
async function checkReturned(machine: SystemMachine, calls: readonly FollowedCall[]): Promise<void> {
  const taken = calls.filter(({ moment }) => moment.held !== 'upload');
  await comesTrue('its journals are set aside', () =>
    taken.every(({ call }) => machine.outdated.some((name) => name.startsWith(call.callSid))),
  );
  expect(taken.flatMap(({ call }) => machine.filesOf(call.callSid))).toEqual([]);
}

function lose(calls: readonly FollowedCall[]): void {
  for (const call of calls) call.isLost = true;
  system.leadTo(b);
}

/** Nothing is written to the store meanwhile. */
async function storingNothing(work: () => Promise<void>): Promise<void> {
  const { seen } = system.store.proxy;
  const before = seen.length;
  await work();
  const later = seen.slice(before).filter(({ method }) => method !== 'GET' && method !== 'HEAD');
  expect(later.map(({ method, url }) => `${method} ${url}`)).toEqual([]);
}

test('a machine is killed with ten calls, each at another moment: the other one goes on with all of them', async () => {
  expect(LOSS_MOMENTS).toHaveLength(10);
  system.leadTo(a);
  const calls = await callsAt(LOSS_MOMENTS);
  a.server.kill();
  lose(calls);
  await checkCalls(calls);
  await storingNothing(async () => {
    await a.start();
    await checkReturned(a, calls);
    await acquainted(2);
  });
});

test('a call of a machine is watched, heard, taken over, spoken in, reformatted and ended from another one', async () => {
  system.leadTo(a);
  const desk = await DeskClient.open(b.server.baseUrl, { headers: AUTHORIZATION });
  const call = system.call({ callSid: newSid('CA'), ...scenarioCall(doing(ASKS, WAITS)) });
  const { callSid } = call;
  await operate(desk, callSid, () => setFormat(b, callSid, 'flac'));
  await call.report;
  const folder = await system.completed(callSid, 'flac');
  await desk.until(() => !desk.calls.has(callSid));
  expect(desk.errors()).toEqual([]);
  desk.close();
  const { audio, turns } = readJson(folder, callSid);
  expect(ffprobe(path.join(folder, audio!.file))).toMatchObject({ codec: 'flac', channels: 2 });
  const speakers = new Set(turns.map(({ speaker }) => speaker));
  expect(speakers).toEqual(new Set(['caller', 'assistant', 'operator']));
  await comesTrue('Redis has nothing of its journal', async () => {
    return (await system.redis.client.exists(`offhook:{${callSid}}:journal`)) === 0;
  });
});

function setFormat({ server }: SystemMachine, callSid: string, format: string): Promise<Response> {
  return fetch(`${server.baseUrl}/audio/set-format/${callSid}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...AUTHORIZATION },
    body: JSON.stringify({ format }),
  });
}

test('packets of a machine with five calls are dropped: the other one goes on with them, and what comes back is outdated', async () => {
  system.leadTo(a);
  const moments = LOSS_MOMENTS.filter(({ name }) => CUT.includes(name));
  expect(moments).toHaveLength(5);
  const calls = await callsAt(moments);
  a.place.cut();
  const lostAtMs = performance.now();
  lose(calls);
  await checkCalls(calls, lostAtMs);
  await storingNothing(async () => {
    a.place.mend();
    await checkReturned(a, calls);
    // A service that could not be reached is named until it is used again.
    await comesTrue(
      'it works with Redis',
      async () => !(await problemsOf(a)).some((each) => REDIS.test(each)),
    );
  });
});

async function problemsOf({ server }: SystemMachine): Promise<readonly string[]> {
  const answer = await fetch(`${server.baseUrl}/health`, { headers: AUTHORIZATION });
  return ((await answer.json()) as { readonly problems: readonly string[] }).problems;
}
