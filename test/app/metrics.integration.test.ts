import { afterAll, expect, test, vi } from 'vitest';
import { readAllScenarios, readScenario, type ScenarioStep } from '../../src/simulator/fixtures/scenario.ts';
import { newSid, startCall } from '../../src/simulator/phone/simulated-phone.ts';
import { startFakeOpenAi } from '../doubles/fake-openai.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { type Metric, parseMetrics, totalOf, valuesBy } from '../support/prometheus-text.ts';
import { Offhook, SIGNED } from '../support/test-server.ts';

vi.setConfig({ testTimeout: 90_000 });

const STEPS: ScenarioStep[] = [
  { do: 'speak', audio: 'caller-i-would-like-to-ask', when: { afterAssistantQuietMs: 600 } },
  { do: 'speak', audio: 'caller-it-is-four-seven-one', when: { afterAssistantQuietMs: 600 } },
  { do: 'hangUp', when: { afterAssistantQuietMs: 600 } },
];
const WAIT = { timeout: 20_000 };
const LABELS = ['state', 'reason', 'part', 'service', 'outcome', 'step', 'le'];

const open: { close(): Promise<void> }[] = [];
afterAll(() => Promise.all(open.map((each) => each.close())));

async function read(offhook: Offhook): Promise<ReadonlyMap<string, Metric>> {
  const response = await fetch(`${offhook.url}/metrics`, { headers: offhook.authorization });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  return parseMetrics(await response.text());
}

test('a whole call is in the metrics, while it lasts and afterwards', async () => {
  const openAi = await startFakeOpenAi({ scenarios: readAllScenarios() });
  const offhook = await Offhook.start({
    ...{ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: openAi.url, SERVICE_CHECK_MINUTES: '0' },
  });
  open.push(offhook, openAi);
  const before = await read(offhook);
  expect(totalOf(before, 'offhook_calls_started_total')).toBe(0);
  const callSid = newSid('CA');
  const scenario = { ...readScenario('conversation'), steps: STEPS };
  const simulated = startCall({ baseUrl: offhook.url, callSid, ...scenarioCall(scenario) });
  await expect.poll(async () => totalOf(await read(offhook), 'offhook_streams'), WAIT).toBe(1);
  expect(totalOf(await read(offhook), 'offhook_calls')).toBe(1);
  expect((await simulated.report).errors).toEqual([]);
  await offhook.finished(callSid);
  await expect.poll(async () => totalOf(await read(offhook), 'offhook_calls_finishing'), WAIT).toBe(0);

  const metrics = await read(offhook);
  const record = offhook.json(callSid);
  expect(totalOf(metrics, 'offhook_calls_started_total')).toBe(1);
  expect(valuesBy(metrics, 'offhook_calls_ended_total', 'reason')).toEqual({ [record.endReason!]: 1 });
  expect(totalOf(metrics, 'offhook_interruptions_total')).toBe(record.figures.interruptions);
  expect(totalOf(metrics, 'offhook_drafts_discarded_total')).toBe(record.figures.discardedDrafts ?? 0);
  const timings = record.turns.flatMap(({ timing }) => timing ?? []);
  expect(timings).toHaveLength(2);
  const steps = ['pause', 'text', 'decided', 'token', 'audio', 'sent', 'heard'];
  expect(valuesBy(metrics, 'offhook_turn_step_seconds', 'step')).toEqual(
    Object.fromEntries(steps.map((step) => [step, 2])),
  );
  const heard = metrics
    .get('offhook_turn_step_seconds')!
    .samples.find(({ name, labels }) => name.endsWith('_sum') && labels['step'] === 'heard')!;
  const recordedS = timings.reduce((sum, { heardMs }) => sum + heardMs!, 0) / 1_000;
  expect(Math.abs(heard.value - recordedS)).toBeLessThan(0.1);
  for (const service of ['transcription', 'chat', 'speech'])
    expect(valuesBy(metrics, 'offhook_service_requests_total', 'service')[service]).toBeGreaterThan(0);
  expect(valuesBy(metrics, 'offhook_service_failing', 'service')).toEqual({});
  expect(totalOf(metrics, 'process_cpu_seconds_total')).toBeGreaterThan(0);
  expect(totalOf(metrics, 'process_resident_memory_bytes')).toBeGreaterThan(1e7);
  expect(totalOf(metrics, 'nodejs_eventloop_delay_max_seconds')).toBeLessThan(5);

  for (const [name, { help, type, samples }] of metrics) {
    expect(help).toMatch(/^[A-Z0-9].*\.$/u);
    expect(name).toMatch(/^(offhook|process|nodejs)_[a-z0-9_]+$/u);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(name).not.toMatch(/_(ms|milliseconds|kilobytes|minutes)(_|$)/u);
    expect(samples.length).toBeGreaterThan(0);
    for (const { labels } of samples) {
      expect(LABELS).toEqual(expect.arrayContaining(Object.keys(labels)));
      expect(Object.values(labels).join(' ')).not.toMatch(/CA[0-9a-f]{32}|\+\d/u);
    }
  }
});

test('metrics are for local requests and those with the token', async () => {
  const offhook = await Offhook.start({ ...SIGNED, ADMIN_PASSWORD: 'a-password-of-the-tests' });
  open.push(offhook);
  const status = async (headers: Record<string, string>): Promise<number> =>
    (await fetch(`${offhook.url}/metrics`, { headers })).status;
  expect(await status({})).toBe(401);
  expect(await status({ authorization: 'Bearer wrong' })).toBe(401);
  expect(await status(offhook.authorization)).toBe(200);
});
