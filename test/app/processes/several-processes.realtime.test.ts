import path from 'node:path';
import WebSocket from 'ws';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { recordedSpeechOf } from '../../../src/simulator/fixtures/recorded-speech.ts';
import { readScenario, type ScenarioStep } from '../../../src/simulator/fixtures/scenario.ts';
import { newSid, type SimulatedCall, startCall } from '../../../src/simulator/phone/simulated-phone.ts';
import { differing, readJson, readKept } from '../../crash/kept-sound.ts';
import { ASKS, type Ground, HANGS_UP, makeGround } from '../../crash/own-server.ts';
import type { ServerProcess } from '../../crash/server-process.ts';
import { scenarioCall } from '../../doubles/scenario-call.ts';
import { DeskClient } from '../../support/desk-client.ts';
import { fileIsThere } from '../../support/file-appears.ts';
import { parseMetrics, totalOf } from '../../support/prometheus-text.ts';

vi.setConfig({ testTimeout: 120_000 });

const WAITS: ScenarioStep = { do: 'wait', ms: 60_000 };

let ground: Ground;
let server: ServerProcess;

beforeAll(async () => {
  ground = await makeGround();
  server = await ground.start({ WORKERS: '2' });
});

afterAll(() => ground.clear());

interface Placed {
  readonly callSid: string;
  readonly simulated: SimulatedCall;
}

function call(...steps: ScenarioStep[]): Placed {
  const callSid = newSid('CA');
  const scenario = { ...readScenario('conversation'), steps };
  return {
    callSid,
    simulated: startCall({ baseUrl: server.baseUrl, callSid, ...scenarioCall(scenario) }),
  };
}

async function webhook(name: string, form: Record<string, string>): Promise<string> {
  const response = await fetch(`${server.baseUrl}/${name}`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  return response.text();
}

/** Announces a call; resolves with the path of its stream. */
async function ring(): Promise<{ readonly callSid: string; readonly path: string }> {
  const callSid = newSid('CA');
  const twiml = await webhook('incoming-call', { CallSid: callSid, From: '+15550100', To: '+15550199' });
  return { callSid, path: /<Stream[^>]* url="ws:\/\/[^/]+([^"]+)"/u.exec(twiml)![1]! };
}

/** Connects a stream, and sends its first message as soon as it is open. */
function begin({ callSid, path: streamPath }: { callSid: string; path: string }): WebSocket {
  const socket = new WebSocket(`${server.baseUrl.replace('http', 'ws')}${streamPath}`);
  const streamSid = newSid('MZ');
  const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: 8_000, channels: 1 };
  const start = { streamSid, callSid, tracks: ['inbound'], mediaFormat };
  socket.once('open', () => socket.send(JSON.stringify({ event: 'start', streamSid, start })));
  return socket;
}

async function over(callSid: string): Promise<void> {
  await webhook('call-status', { CallSid: callSid, CallStatus: 'completed' });
}

function wasStarted(callSid: string): boolean {
  return server.log.some((line) => line['callSid'] === callSid && line['msg'] === 'media stream started');
}

/** The number of the process that a call's stream came to; undefined: the main one. */
function processOf(callSid: string): unknown {
  return server.log.findLast(
    (line) => line['callSid'] === callSid && line['msg'] === 'media stream started',
  )?.['process'];
}

/** The pids with which processes took calls, the latest last. */
function startedPids(): number[] {
  return server.log.flatMap((line) =>
    line['msg'] === 'a process can take calls' ? [Number(line['pid'])] : [],
  );
}

async function health(): Promise<Record<string, unknown>> {
  return (await (await fetch(`${server.baseUrl}/health`)).json()) as Record<string, unknown>;
}

async function noCallIsLeft(): Promise<void> {
  await expect.poll(async () => (await health())['activeCalls'], { timeout: 20_000 }).toBe(0);
}

async function metric(name: string): Promise<number> {
  const response = await fetch(`${server.baseUrl}/metrics`);
  return response.ok ? totalOf(parseMetrics(await response.text()), name) : NaN;
}

/** Two calls at once are in different processes: the one in the main process, and the other. */
async function twoCalls(first: ScenarioStep[], second: ScenarioStep[]): Promise<readonly [Placed, Placed]> {
  const placed = [call(...first), call(...second)] as const;
  await expect
    .poll(() => placed.map(({ callSid }) => processOf(callSid)), { timeout: 10_000 })
    .toEqual(expect.arrayContaining([undefined, 1]));
  const [one, other] = placed;
  return processOf(one.callSid) === undefined ? [one, other] : [other, one];
}

test('the desk watches, hears, guides, takes over and ends calls of every process', async () => {
  const desk = await DeskClient.open(server.baseUrl);
  const placed = await twoCalls([ASKS, WAITS], [ASKS, WAITS]);
  const format = await fetch(`${server.baseUrl}/audio/set-format/${placed[1].callSid}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ format: 'flac' }),
  });
  expect(format.status).toBe(200);
  await expect.poll(async () => (await health())['activeCalls']).toBe(2);
  for (const { callSid } of placed) {
    desk.say({ type: 'watch', callSid });
    desk.say({ type: 'listen', callSid, on: true });
    await desk.until(() => desk.told.some((one) => one.type === 'sound' && one.callSid === callSid));
    await desk.until(() =>
      desk.told.some(
        (one) =>
          one.type === 'turns' &&
          one.callSid === callSid &&
          one.turns.some(({ speaker, text }) => speaker === 'caller' && text),
      ),
    );
    desk.say({ type: 'guide', callSid, text: 'Be brief.' });
    desk.say({ type: 'takeOver', callSid });
    await desk.until(() => desk.calls.get(callSid)?.state === 'operator');
    await desk.speak(callSid, recordedSpeechOf('caller-what-are-your-opening-hours').mulaw);
    desk.say({ type: 'handBack', callSid });
    await desk.until(() => desk.calls.get(callSid)?.operator === undefined);
    desk.say({ type: 'hangUp', callSid });
    await desk.until(() => !desk.calls.has(callSid));
  }
  expect(desk.errors()).toEqual([]);
  desk.close();
  for (const { callSid, simulated } of placed) {
    await simulated.report;
    await fileIsThere(path.join(ground.folder, `call_${callSid}.json`), 60_000);
    const { turns, audio } = readJson(ground.folder, callSid);
    expect(new Set(turns.map(({ speaker }) => speaker))).toEqual(
      new Set(['caller', 'assistant', 'operator']),
    );
    expect(audio?.format).toBe(callSid === placed[1].callSid ? 'flac' : 'wav');
  }
});

test('the calls of a killed process continue in the main one, and it is started again', async () => {
  const [, { callSid, simulated }] = await twoCalls([ASKS, HANGS_UP], [ASKS, ASKS, HANGS_UP]);
  const started = startedPids();
  const pid = started.at(-1)!;
  const replies = (): number => ground.openAi.requests.filter(({ service }) => service === 'chat').length;
  const before = replies();
  // Both callers have asked.
  await expect.poll(replies, { timeout: 30_000 }).toBeGreaterThan(before + 1);
  const counted = await metric('offhook_calls_started_total');
  process.kill(pid, 'SIGKILL');
  const report = await simulated.report;
  await fileIsThere(path.join(ground.folder, `call_${callSid}.json`), 60_000);
  expect(report.streams.length).toBe(2);
  expect(processOf(callSid)).toBeUndefined();
  const { json, caller } = readKept(ground.folder, callSid);
  expect(
    json.turns.filter(({ speaker, text }) => speaker === 'caller' && text).length,
  ).toBeGreaterThanOrEqual(1);
  const { callerTrack } = report.streams[1]!;
  // The second stream is in the same recording, behind the gap.
  const from = Math.round(json.streams[1]!.startMs * 8);
  const length = Math.min(callerTrack.length, caller.length - from);
  expect(length).toBeGreaterThan(callerTrack.length - 800);
  expect(differing(caller, from, callerTrack, length)).toBe(0);
  await expect.poll(() => startedPids().length, { timeout: 30_000 }).toBe(started.length + 1);
  // A sum that decreases would be taken for a restart of the server.
  expect(await metric('offhook_calls_started_total')).toBe(counted);
  expect(server.log).toContainEqual(
    expect.objectContaining({ process: 1, signal: 'SIGKILL', level: 50 }) as unknown,
  );
  const [next] = await twoCalls([HANGS_UP], [HANGS_UP]);
  await next.simulated.report;
});

test('the metrics of all processes are added', async () => {
  await noCallIsLeft();
  const started = await metric('offhook_calls_started_total');
  expect(await metric('offhook_processes')).toBe(2);
  const placed = await twoCalls([ASKS, HANGS_UP], [ASKS, HANGS_UP]);
  await expect.poll(() => metric('offhook_calls'), { timeout: 10_000 }).toBe(2);
  await Promise.all(placed.map(({ simulated }) => simulated.report));
  await noCallIsLeft();
  expect(await metric('offhook_calls')).toBe(0);
  expect(await metric('offhook_calls_started_total')).toBe(started + 2);
});

test('a process that hangs takes no call that the main one took for it, and is killed if it hangs on', async () => {
  const pids = startedPids();
  await noCallIsLeft();
  process.kill(pids.at(-1)!, 'SIGSTOP');
  const announced = [await ring(), await ring()];
  expect(announced.map(({ path: streamPath }) => streamPath)).toEqual(['/media-stream', '/media-stream']);
  process.kill(pids.at(-1)!, 'SIGCONT');
  // The process answers this after all that it was asked before.
  const third = await ring();
  expect(third.path).toBe('/media-stream/1');
  expect((await health())['activeCalls']).toBe(3);
  await Promise.all([...announced, third].map(({ callSid }) => over(callSid)));
  await noCallIsLeft();
  const [, { callSid, simulated }] = await twoCalls([ASKS, HANGS_UP], [ASKS, ASKS, HANGS_UP]);
  process.kill(pids.at(-1)!, 'SIGSTOP');
  expect((await simulated.report).streams).toHaveLength(2);
  expect(processOf(callSid)).toBeUndefined();
  await expect.poll(() => startedPids().length, { timeout: 30_000 }).toBe(pids.length + 1);
});

test('no message is lost while sockets are handed over', async () => {
  const streams = await Promise.all(Array.from({ length: 60 }, () => ring()));
  const handed = streams.filter(({ path: streamPath }) => streamPath !== '/media-stream');
  expect(handed.length).toBeGreaterThanOrEqual(20);
  const sockets = streams.map(begin);
  const started = (): number => streams.filter(({ callSid }) => wasStarted(callSid)).length;
  await expect.poll(started, { timeout: 20_000 }).toBe(streams.length);
  for (const socket of sockets) socket.terminate();
  await expect.poll(async () => (await health())['activeConnections'], { timeout: 20_000 }).toBe(0);
  await Promise.all(streams.map(({ callSid }) => over(callSid)));
  await noCallIsLeft();
});

test('a call that ends as soon as it is announced is not counted any longer', async () => {
  await noCallIsLeft();
  const announced = [await ring(), await ring()];
  expect(announced.map(({ path: streamPath }) => streamPath)).toContain('/media-stream/1');
  await Promise.all(announced.map(({ callSid }) => over(callSid)));
  await noCallIsLeft();
});

test('SIGTERM lets the calls of every process finish', async () => {
  const placed = await twoCalls([ASKS, HANGS_UP], [ASKS, HANGS_UP]);
  server.signal('SIGTERM');
  for (const { callSid, simulated } of placed) {
    const { streams } = await simulated.report;
    expect(streams).toHaveLength(1);
    await fileIsThere(path.join(ground.folder, `call_${callSid}.json`), 60_000);
    expect(readJson(ground.folder, callSid).turns.map(({ speaker }) => speaker)).toContain('caller');
  }
  expect(await server.ended).toBe(0);
  expect(ground.state('journals')).toEqual([]);
});
