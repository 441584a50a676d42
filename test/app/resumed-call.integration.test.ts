import { writeFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { encodeRecord, JOURNAL_MAGIC } from '../../src/journal/record-codec.ts';
import { readAllScenarios, readScenario, type ScenarioStep } from '../../src/simulator/fixtures/scenario.ts';
import { startCall } from '../../src/simulator/phone/simulated-phone.ts';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import { startFakeOpenAi } from '../doubles/fake-openai.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { CALL_SID, callBegins, callerFrame } from '../support/call-events.ts';
import { DeskClient } from '../support/desk-client.ts';
import { Offhook } from '../support/test-server.ts';

vi.setConfig({ testTimeout: 90_000 });

const DEAD_PROCESS = '11111111-1111-1111-1111-111111111111';
const ASKS: ScenarioStep = {
  do: 'speak',
  audio: 'caller-i-would-like-to-ask',
  when: { afterAssistantQuietMs: 600 },
};
const WAITS: ScenarioStep = { do: 'wait', ms: 60_000 };

const open: { close(): Promise<void> }[] = [];
afterEach(() => Promise.all(open.splice(0).map((each) => each.close())));

/** A call that was going on when its process crashed. */
function leaveLiveCall(directory: string): Promise<void> {
  const events = [...callBegins(), ...Array.from({ length: 50 }, (_, i) => callerFrame(i))];
  // It began two seconds ago: a call has a longest time.
  const laterMs = Date.now() - 2_000 - events[0]!.atMs;
  const records = events.map((event) => encodeRecord({ ...event, atMs: event.atMs + laterMs }));
  const journal = Buffer.concat([JOURNAL_MAGIC, ...records]);
  writeFileSync(new DataDirectory(directory).journalPath(CALL_SID, DEAD_PROCESS), journal);
  return Promise.resolve();
}

test('a listener of a call that was resumed after a crash gets the message about cut audio', async () => {
  const openAi = await startFakeOpenAi({ scenarios: readAllScenarios() });
  const services = { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: openAi.url, DEFAULT_AUDIO_FORMAT: 'wav' };
  const offhook = await Offhook.start(services, { prepare: leaveLiveCall });
  open.push(offhook, openAi);
  const desk = await DeskClient.open(offhook.url);
  await desk.until(() => desk.calls.has(CALL_SID));
  const scenario = { ...readScenario('conversation'), steps: [ASKS, WAITS] };
  const simulated = startCall({ baseUrl: offhook.url, callSid: CALL_SID, ...scenarioCall(scenario) });
  desk.say({ type: 'watch', callSid: CALL_SID });
  desk.say({ type: 'listen', callSid: CALL_SID, on: true });
  await desk.until(() => desk.calls.get(CALL_SID)?.state === 'speaking');
  desk.say({ type: 'takeOver', callSid: CALL_SID });
  await desk.until(() => desk.told.some(({ type }) => type === 'cut'));
  expect(desk.errors()).toEqual([]);
  desk.say({ type: 'hangUp', callSid: CALL_SID });
  await simulated.report;
  desk.close();
});
