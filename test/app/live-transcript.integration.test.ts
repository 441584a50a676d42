import { afterEach, expect, test, vi } from 'vitest';
import { readAllScenarios, readScenario, type ScenarioStep } from '../../src/simulator/fixtures/scenario.ts';
import { newSid, startCall } from '../../src/simulator/phone/simulated-phone.ts';
import { startFakeOpenAi } from '../doubles/fake-openai.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { DeskClient } from '../support/desk-client.ts';
import { Offhook } from '../support/test-server.ts';

vi.setConfig({ testTimeout: 60_000 });

const STEPS: ScenarioStep[] = [
  { do: 'speak', audio: 'caller-i-would-like-to-ask', when: { afterAssistantQuietMs: 600 } },
  { do: 'wait', ms: 60_000 },
];

const open: { close(): Promise<void> }[] = [];
afterEach(() => Promise.all(open.splice(0).map((each) => each.close())));

test('the desk sees the live transcript of both sides without a catalogue', async () => {
  const openAi = await startFakeOpenAi({ scenarios: readAllScenarios() });
  const services = { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: openAi.url, DEFAULT_AUDIO_FORMAT: 'wav' };
  const offhook = await Offhook.start(services, { catalogue: false });
  open.push(offhook, openAi);
  const desk = await DeskClient.open(offhook.url);
  const callSid = newSid('CA');
  const scenario = { ...readScenario('conversation'), steps: STEPS };
  const simulated = startCall({ baseUrl: offhook.url, callSid, ...scenarioCall(scenario) });
  await desk.until(() => desk.calls.has(callSid));
  desk.say({ type: 'watch', callSid });
  const said = (by: string): boolean =>
    [...desk.turns.values()].some(({ speaker, text }) => speaker === by && text);
  await desk.until(() => said('assistant') && said('caller'));
  desk.say({ type: 'hangUp', callSid });
  await simulated.report;
  desk.close();
  expect([...desk.turns.values()].map(({ text }) => text).join(' ')).toMatch(/invoice/u);
});
