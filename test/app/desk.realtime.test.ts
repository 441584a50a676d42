import { afterAll, describe, expect, it, vi } from 'vitest';
import { decodeMulaw } from '../../src/audio/mulaw.ts';
import { recordedSpeechOf } from '../../src/simulator/fixtures/recorded-speech.ts';
import { readAllScenarios, readScenario, type ScenarioStep } from '../../src/simulator/fixtures/scenario.ts';
import { newSid, startCall } from '../../src/simulator/phone/simulated-phone.ts';
import { startFakeOpenAi } from '../doubles/fake-openai.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { DeskClient } from '../support/desk-client.ts';
import { Offhook } from '../support/test-server.ts';

vi.setConfig({ testTimeout: 90_000 });

const open: { close(): Promise<void> }[] = [];
afterAll(() => Promise.all(open.map((each) => each.close())));

const ASKS: ScenarioStep = {
  do: 'speak',
  audio: 'caller-i-would-like-to-ask',
  when: { afterAssistantQuietMs: 600 },
};
const WAITS: ScenarioStep = { do: 'wait', ms: 60_000 };

async function start(settings: Record<string, string> = {}): Promise<Offhook> {
  const openAi = await startFakeOpenAi({ scenarios: readAllScenarios() });
  const services = { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: openAi.url };
  const sound = { DEFAULT_AUDIO_FORMAT: 'wav', RECORDING_CHANNELS: 'stereo' };
  const offhook = await Offhook.start({ ...services, ...sound, ...settings }, { catalogue: true });
  open.push(offhook, openAi);
  return offhook;
}

function call(offhook: Offhook, ...steps: ScenarioStep[]) {
  const callSid = newSid('CA');
  const scenario = { ...readScenario('conversation'), steps };
  const simulated = startCall({ baseUrl: offhook.url, callSid, ...scenarioCall(scenario) });
  return { callSid, simulated };
}

const speech = (name: string) => recordedSpeechOf(name).mulaw;

describe.concurrent('the desk', () => {
  it('shows a live call, plays both sides, takes it over, speaks, and hands it back', async () => {
    const offhook = await start();
    const desk = await DeskClient.open(offhook.url);
    const { callSid, simulated } = call(offhook, ASKS, WAITS);
    await desk.until(() => desk.calls.get(callSid)?.state === 'greeting');
    desk.say({ type: 'watch', callSid });
    desk.say({ type: 'listen', callSid, on: true });
    await desk.until(() =>
      [...desk.turns.values()].some(({ speaker, text }) => speaker === 'caller' && text),
    );
    await desk.until(() => desk.told.some((one) => one.type === 'sound' && one.speaker === 'assistant'));

    desk.say({ type: 'takeOver', callSid });
    await desk.until(() => desk.calls.get(callSid)?.operator === 'you');
    expect(desk.calls.get(callSid)?.state).toBe('operator');
    await desk.speak(callSid, speech('caller-what-are-your-opening-hours'));
    await desk.until(() =>
      [...desk.turns.values()].some(({ speaker, text }) => speaker === 'operator' && text),
    );
    desk.say({ type: 'handBack', callSid });
    await desk.until(() => desk.calls.get(callSid)?.operator === undefined);
    const sides = new Set(desk.told.flatMap((one) => (one.type === 'sound' ? [one.speaker] : [])));
    expect([...sides].sort()).toEqual(['assistant', 'caller', 'operator']);
    desk.say({ type: 'hangUp', callSid });
    await simulated.report;
    await offhook.finished(callSid);
    await desk.until(() => !desk.calls.has(callSid));

    const { turns } = offhook.json(callSid);
    const operator = turns.find(({ speaker }) => speaker === 'operator')!;
    expect(operator.text).toMatch(/opening hours/iu);
    expect(offhook.transcript(callSid)).toContain('] Operator: ');
    expect(new Set(turns.map(({ speaker }) => speaker))).toEqual(
      new Set(['caller', 'assistant', 'operator']),
    );
    // What the phone played while the operator spoke is what the operator said.
    const played = (await simulated.report).streams[0]!.playedAssistant;
    const spoken = decodeMulaw(played.subarray(operator.startMs * 8, operator.endMs * 8));
    expect(spoken.some((sample) => Math.abs(sample) > 2_000)).toBe(true);
    expect(desk.errors()).toEqual([]);
    desk.close();
  });

  it("lets only one operator hold a call, and hands it back 5 s after that operator's browser dies", async () => {
    const offhook = await start();
    const [one, other] = await Promise.all([DeskClient.open(offhook.url), DeskClient.open(offhook.url)]);
    const { callSid, simulated } = call(offhook, WAITS);
    await one.until(() => one.calls.get(callSid)?.state === 'greeting');
    one.say({ type: 'listen', callSid, on: true });
    one.say({ type: 'watch', callSid });
    await one.until(() => one.turns.size > 0);
    one.say({ type: 'takeOver', callSid });
    await other.until(() => other.calls.get(callSid)?.operator === 'another');
    // The greeting fell silent: what was sent of it ahead is not to be played to who listens.
    await one.until(() => one.told.some(({ type }) => type === 'cut'));
    other.say({ type: 'takeOver', callSid });
    other.say({ type: 'speak', callSid, mulaw: Buffer.alloc(160, 0x20).toString('base64') });
    other.say({ type: 'hangUp', callSid });
    other.say({ type: 'handBack', callSid });
    await other.until(() => other.errors().length === 4);
    expect(other.errors()).toEqual([
      'Another operator holds this call.',
      'Take the call over before you speak.',
      'Another operator holds this call.',
      'You do not hold this call.',
    ]);
    const diedAt = performance.now();
    one.die();
    await other.until(() => other.calls.get(callSid)?.operator === undefined);
    const afterMs = performance.now() - diedAt;
    expect(afterMs).toBeGreaterThan(4_500);
    expect(afterMs).toBeLessThan(8_000);
    expect(other.calls.get(callSid)?.state).not.toBe('operator');
    other.say({ type: 'takeOver', callSid });
    await other.until(() => other.calls.get(callSid)?.operator === 'you');
    simulated.hangUp('caller');
    await simulated.report;
    other.close();
  });

  it('hands a call back after the same time if the browser freezes or loses its network', async () => {
    const offhook = await start();
    const [one, other] = await Promise.all([DeskClient.open(offhook.url), DeskClient.open(offhook.url)]);
    const { callSid, simulated } = call(offhook, WAITS);
    // A call that is listed before its stream has started cannot be taken over.
    await one.until(() => one.calls.get(callSid)?.state === 'greeting');
    one.say({ type: 'takeOver', callSid });
    await other.until(() => other.calls.get(callSid)?.operator === 'another');
    const frozenAt = performance.now();
    one.freeze();
    await other.until(() => other.calls.get(callSid)?.operator === undefined);
    const afterMs = performance.now() - frozenAt;
    expect(afterMs).toBeGreaterThan(3_500);
    expect(afterMs).toBeLessThan(8_000);
    simulated.hangUp('caller');
    await simulated.report;
    one.die();
    other.close();
  });

  it('keeps a call for an operator whose browser reconnects in time', async () => {
    const offhook = await start();
    const desk = await DeskClient.open(offhook.url);
    const { callSid, simulated } = call(offhook, WAITS);
    await desk.until(() => desk.calls.get(callSid)?.state === 'greeting');
    desk.say({ type: 'takeOver', callSid });
    await desk.until(() => desk.calls.get(callSid)?.operator === 'you');
    desk.die();
    const again = await DeskClient.open(offhook.url, { operatorId: desk.operatorId });
    expect(again.operatorId).toBe(desk.operatorId);
    expect(again.calls.get(callSid)?.operator).toBe('you');
    simulated.hangUp('caller');
    await simulated.report;
    again.close();
  });

  it('rings before the assistant answers, if that is set and an operator is available', async () => {
    const offhook = await start({ ANSWER_FIRST: 'desk', RING_DESK_SECONDS: '3' });
    const desk = await DeskClient.open(offhook.url);
    const { callSid, simulated } = call(offhook, WAITS);
    await desk.until(() => desk.calls.get(callSid)?.state === 'ringing');
    await desk.until(() => /help/u.test(desk.calls.get(callSid)?.lastWords?.text ?? ''));
    simulated.hangUp('caller');
    await simulated.report;
    await offhook.finished(callSid);
    expect(offhook.json(callSid).turns[0]?.text).toMatch(/^Thank you for calling/u);
    desk.say({ type: 'available', available: false });
    const alone = call(offhook, WAITS);
    await desk.until(() => desk.calls.has(alone.callSid));
    expect(desk.calls.get(alone.callSid)?.state).not.toBe('ringing');
    alone.simulated.hangUp('caller');
    await alone.simulated.report;
    desk.close();
  });
});
