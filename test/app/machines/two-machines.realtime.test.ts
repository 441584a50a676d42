import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  readAllScenarios,
  readScenario,
  type ScenarioStep,
} from '../../../src/simulator/fixtures/scenario.ts';
import { newSid, startCall } from '../../../src/simulator/phone/simulated-phone.ts';
import { type FakeOpenAi, startFakeOpenAi } from '../../doubles/fake-openai.ts';
import { scenarioCall } from '../../doubles/scenario-call.ts';
import { openFront } from '../../crash/front.ts';
import { type RedisServer, startedRedis } from '../../support/redis-server.ts';
import { Offhook } from '../../support/test-server.ts';

vi.setConfig({ testTimeout: 90_000 });

/** Two machines of one telephone system, each with its own directory. */
let redis: RedisServer;
let openAi: FakeOpenAi;
let a: Offhook;
let b: Offhook;

const ASKS: ScenarioStep = {
  do: 'speak',
  audio: 'caller-i-would-like-to-ask',
  when: { afterAssistantQuietMs: 600 },
};
const HANGS_UP: ScenarioStep = { do: 'hangUp', when: { afterAssistantQuietMs: 400 } };
const BREAKS: ScenarioStep = { do: 'breakStream', when: { afterAssistantQuietMs: 1_000 } };

beforeAll(async () => {
  redis = await startedRedis();
  openAi = await startFakeOpenAi({ scenarios: readAllScenarios() });
  const settings = {
    ...{ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: openAi.url, REDIS_URL: redis.url },
    ...{ DEFAULT_AUDIO_FORMAT: 'wav', RECORDING_CHANNELS: 'stereo' },
  };
  [a, b] = await Promise.all([
    Offhook.start({ ...settings, MACHINE_NAME: 'a name for both' }),
    Offhook.start({ ...settings, MACHINE_NAME: 'a name for both' }),
  ]);
  await Promise.all([a, b].map((each) => each.logs(/another machine is there/u)));
});
afterAll(async () => {
  await Promise.all([a.close(), b.close()]);
  await openAi.close();
  await redis.end();
});

function call(baseUrl: string, ...steps: ScenarioStep[]) {
  const callSid = newSid('CA');
  const scenario = { ...readScenario('conversation'), steps };
  return { callSid, simulated: startCall({ baseUrl, callSid, ...scenarioCall(scenario) }) };
}

test('a call whose next stream comes to the other machine goes on there, with one record', async () => {
  const front = await openFront(Number(new URL(a.url).port));
  // The other machine says nothing: the caller goes on after a moment.
  const { callSid, simulated } = call(front.baseUrl, ASKS, BREAKS, { do: 'wait', ms: 500 }, ASKS, HANGS_UP);
  await a.logs(new RegExp(`${callSid}.*media stream started|media stream started.*${callSid}`, 'u'));
  front.leadTo(Promise.resolve(Number(new URL(b.url).port)));
  const { streams, errors } = await simulated.report;
  expect(errors).toEqual([]);
  expect(streams).toHaveLength(2);
  await b.finished(callSid);
  const record = b.json(callSid);
  expect(record.streams.map(({ streamSid }) => streamSid)).toEqual(streams.map(({ streamSid }) => streamSid));
  const said = record.turns.map(({ speaker, text }) => `${speaker}: ${text}`);
  expect(said.filter((line) => line.startsWith('assistant: Thank you for calling'))).toHaveLength(1);
  expect(said.filter((line) => line.startsWith('caller: I would like to ask'))).toHaveLength(2);
  expect(() => a.json(callSid)).toThrow('ENOENT');
  front.close();
});
