import { afterAll, beforeAll, expect, test } from 'vitest';
import { readAllScenarios } from '../../../src/simulator/fixtures/scenario.ts';
import { newSid, startCall } from '../../../src/simulator/phone/simulated-phone.ts';
import { ASKS, doing, HANGS_UP } from '../../crash/own-server.ts';
import { type FakeOpenAi, startFakeOpenAi } from '../../doubles/fake-openai.ts';
import { scenarioCall } from '../../doubles/scenario-call.ts';
import { comesTrue } from '../../support/comes-true.ts';
import { type RedisServer, startedRedis } from '../../support/redis-server.ts';
import { Offhook } from '../../support/test-server.ts';

let redis: RedisServer;
let openAi: FakeOpenAi;
let offhook: Offhook;

beforeAll(async () => {
  redis = await startedRedis();
  openAi = await startFakeOpenAi({ scenarios: readAllScenarios() });
  const services = { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: openAi.url, REDIS_URL: redis.url };
  offhook = await Offhook.start({ ...services, DEFAULT_AUDIO_FORMAT: 'wav' });
});
afterAll(async () => {
  await offhook.close();
  await openAi.close();
  await redis.end();
});

/** A conversation; `greeted` is called when its greeting is heard. */
function conversation(greeted: () => void) {
  let isGreeted = false;
  return startCall({
    baseUrl: offhook.url,
    callSid: newSid('CA'),
    ...scenarioCall(doing(ASKS, HANGS_UP)),
    onProgress: (progress) => {
      if (progress.kind !== 'assistant' || !progress.playing || isGreeted) return;
      isGreeted = true;
      greeted();
    },
  });
}

function saidIn(callSid: string): string[] {
  return offhook.json(callSid).turns.map(({ speaker, text }) => `${speaker}: ${text}`);
}

test('Redis ends in mid-call: the call goes on, its files wait for Redis, and then they are complete', async () => {
  const call = conversation(() => void redis.kill());
  expect((await call.report).errors).toEqual([]);
  await offhook.logs(/the files of a call wait/u);
  expect(await offhook.health()).toMatchObject({ status: 'degraded' });
  expect(offhook.finishes(call.callSid)).toEqual([]);
  await redis.start();
  await offhook.finished(call.callSid);
  const said = saidIn(call.callSid);
  expect(said[0]).toBe('assistant: Thank you for calling. How can I help you?');
  expect(said[1]).toMatch(/^caller: I would like to ask/u);
  await comesTrue('all is well', async () => (await offhook.health())['status'] === 'ok');
});

test('Redis loses everything in mid-call: the record is complete', async () => {
  const call = conversation(() => void redis.client.flushall());
  await call.report;
  await offhook.finished(call.callSid);
  expect(saidIn(call.callSid)).toHaveLength(3);
});

test('a call that begins without Redis is recorded when it is back', async () => {
  await redis.kill();
  const call = conversation(() => void redis.start());
  await call.report;
  await offhook.finished(call.callSid);
  expect(saidIn(call.callSid)).toHaveLength(3);
  await comesTrue('Redis has nothing of its journal', async () => {
    return (await redis.client.exists(`offhook:{${call.callSid}}:journal`)) === 0;
  });
});

test('of a call that only rang nothing is left', async () => {
  const callSid = newSid('CA');
  const body = new URLSearchParams({ CallSid: callSid, From: '+15550100', To: '+15550199' });
  await fetch(`${offhook.url}/incoming-call`, { method: 'POST', body });
  expect(await redis.client.exists(`offhook:{${callSid}}:call`)).toBe(1);
  body.set('CallStatus', 'completed');
  await fetch(`${offhook.url}/call-status`, { method: 'POST', body });
  await comesTrue('its claim is dropped', async () => {
    return (await redis.client.exists(`offhook:{${callSid}}:call`)) === 0;
  });
});
