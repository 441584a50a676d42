import { writeFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { Folders } from '../../src/installation/folders.ts';
import { encodeRecord, JOURNAL_MAGIC } from '../../src/recording/journal-codec.ts';
import { scenarioCall } from '../../src/replay/scenario-call.ts';
import { readAllScenarios, readScenario, type ScenarioStep } from '../../src/replay/scenario.ts';
import { startCall } from '../../src/replay/simulated-phone.ts';
import { startStandInOpenAi } from '../../src/replay/stand-in-openai.ts';
import { callBegins, callerFrame, CALL_SID } from '../support/call-events.ts';
import { DeskClient } from '../support/desk-client.ts';
import { Offhook } from '../support/offhook.ts';

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
  writeFileSync(new Folders(directory).journalPath(CALL_SID, DEAD_PROCESS), journal);
  return Promise.resolve();
}

test('a listener of a call that was resumed after a crash is told of the cut', async () => {
  const openAi = await startStandInOpenAi({ scenarios: readAllScenarios() });
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
