import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordedSpeechOf } from '../../../src/simulator/fixtures/recorded-speech.ts';
import {
  readAllScenarios,
  readScenario,
  type ScenarioStep,
} from '../../../src/simulator/fixtures/scenario.ts';
import { newSid } from '../../../src/simulator/phone/simulated-phone.ts';
import { differing } from '../../crash/kept-sound.ts';
import { scenarioCall } from '../../doubles/scenario-call.ts';
import { comesTrue } from '../../support/comes-true.ts';
import { checkedFiles } from './record-checks.ts';
import { startTelephoneSystem, type SystemMachine, type TelephoneSystem } from './telephone-system.ts';

/** What two cores carry beside the simulated phones and services. */
const CALLS = Number(process.env['ROLLING_RESTART_CALLS'] ?? 20);
/** Phones, services and both machines share the processor: more calls are answered by the answering machine, without texts. */
const HAS_TEXTS = CALLS <= 60;
const APART_MS = 100;
/** Of caller audio, at the end of each stream. */
const STATED_LOSS_MS = 300;
const AUDIO = [
  'caller-i-would-like-to-ask',
  'caller-what-are-your-opening-hours',
  'caller-do-i-have-to-pay',
  'caller-could-you-send-the-parcel',
  'caller-what-do-you-serve-for',
  'caller-hello-i-need-a-taxi',
  'caller-my-name-is-peter-collins',
  'caller-i-want-to-reserve-a',
];

let system: TelephoneSystem;
let a: SystemMachine;
let b: SystemMachine;

beforeAll(async () => {
  system = await startTelephoneSystem({
    openAi: { scenarios: readAllScenarios() },
    settings: { DRAIN_SECONDS: '60', ...(!HAS_TEXTS && { OPENAI_API_KEY: '' }) },
  });
  [a, b] = await Promise.all([system.machine('A'), system.machine('B')]);
  await comesTrue('the machines know each other', () => a.met > 0 && b.met > 0);
});
afterAll(() => system.close());

/** A caller who asks one thing after the other, each caller in another order. */
function steps(caller: number): ScenarioStep[] {
  return AUDIO.flatMap((_, turn): ScenarioStep[] => [
    {
      do: 'speak',
      audio: AUDIO[(caller + turn) % AUDIO.length]!,
      when: { afterAssistantQuietMs: 600 },
    },
    { do: 'wait', ms: 1_500 },
  ]);
}

/** Stops a machine and starts it again, while connections go to the other one. */
async function restarted(machine: SystemMachine, other: SystemMachine): Promise<void> {
  system.leadTo(other);
  const met = other.met;
  expect(await machine.stop()).toBe(0);
  await machine.start();
  await comesTrue('the machines know each other', () => machine.met > 0 && other.met > met);
}

test(`both machines are restarted, one after the other, with ${CALLS} calls: none is lost, none is mixed`, async () => {
  system.leadTo(a, b);
  const calls = [];
  for (let caller = 0; caller < CALLS; caller += 1) {
    const scenario = { ...readScenario('conversation'), steps: steps(caller) };
    // The noise of each line is another one: no part of a recording can be taken for that of another call.
    calls.push(system.call({ callSid: newSid('CA'), pingEveryMs: 100, ...scenarioCall(scenario, caller) }));
    await new Promise((resolve) => setTimeout(resolve, APART_MS));
  }
  const startedAt = performance.now();
  await restarted(a, b);
  const between = performance.now();
  await restarted(b, a);
  system.leadTo(a, b);
  console.log(
    `restarts: ${Math.round(between - startedAt)} ms, ${Math.round(performance.now() - between)} ms`,
  );
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  for (const call of calls) call.hangUp('caller');
  let streamsSeen = 0;
  for (const [caller, call] of calls.entries()) {
    const { streams, errors } = await call.report;
    expect.soft(errors, call.callSid).toEqual([]);
    const { json, caller: kept } = await checkedFiles(system, call.callSid);
    const streamSids = streams.map(({ streamSid }) => streamSid);
    expect(json.streams.map(({ streamSid }) => streamSid)).toEqual(streamSids);
    expect.soft(streams.length).toBeGreaterThanOrEqual(2);
    streamsSeen += streams.length;
    for (const [index, { startMs, lengthMs }] of json.streams.entries()) {
      const { callerTrack, readUntilMs } = streams[index]!;
      expect.soft(readUntilMs - lengthMs, `end of stream ${index}`).toBeLessThanOrEqual(STATED_LOSS_MS);
      const from = Math.round(startMs * 8);
      const samples = Math.min(callerTrack.length, Math.round(lengthMs * 8), kept.length - from);
      expect.soft(differing(kept, from, callerTrack, samples), `stream ${index}`).toBe(0);
    }
    if (!HAS_TEXTS) continue;
    const said = json.turns.filter(({ speaker }) => speaker === 'caller').map(({ text }) => text);
    const asked = AUDIO.map((_, turn) => recordedSpeechOf(AUDIO[(caller + turn) % AUDIO.length]!).text);
    expect.soft(said.slice(0, -1)).toEqual(asked.slice(0, Math.max(0, said.length - 1)));
  }
  console.log(`${CALLS} calls, ${streamsSeen} streams`);
});
