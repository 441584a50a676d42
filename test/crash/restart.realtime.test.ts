import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { newSid, placeCall } from '../../src/simulator/phone/simulated-phone.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { fileIsThere } from '../support/file-appears.ts';
import { openFront } from './front.ts';
import { differing, placings, readKept } from './kept-sound.ts';
import { ASKS, doing, type Ground, HANGS_UP, makeGround } from './own-server.ts';
import { pidNamespace } from './pid-namespace.ts';
import { type ServerProcess, startServer } from './server-process.ts';

const grounds: Ground[] = [];

afterAll(() => Promise.all(grounds.map((ground) => ground.clear())));

/** Each case has its own folder, because they run concurrently. */
async function newGround(): Promise<Ground> {
  const ground = await makeGround();
  grounds.push(ground);
  return ground;
}

describe.concurrent('a call whose server is killed and restarted', { timeout: 60_000 }, () => {
  test('continues in the new process: one recording, one transcript, both streams', async () => {
    const ground = await newGround();
    const first = await ground.start();
    const front = await openFront(first.port);
    let second: Promise<ServerProcess> | undefined;
    const callSid = newSid('CA');
    const report = await placeCall({
      baseUrl: front.baseUrl,
      callSid,
      ...scenarioCall(doing(ASKS, { do: 'wait', ms: 100 }, ASKS, HANGS_UP)),
      onProgress: ({ kind, ...progress }) => {
        if (kind !== 'caller' || second || !('what' in progress)) return;
        // In the middle of the caller's first sentence.
        setTimeout(() => {
          first.kill();
          second = ground.start();
          front.leadTo(second.then(({ port }) => port));
        }, 1_200);
      },
    });
    await fileIsThere(path.join(ground.folder, `call_${callSid}.json`), 20_000);
    const { json, caller, assistant } = readKept(ground.folder, callSid);
    const [before, after] = report.streams;
    expect(report.streams).toHaveLength(2);
    expect(json.streams.map(({ streamSid }) => streamSid)).toEqual([before?.streamSid, after?.streamSid]);

    const kept = Math.round(json.streams[0]!.lengthMs * 8);
    expect(before!.lengthMs - json.streams[0]!.lengthMs).toBeLessThanOrEqual(245);
    expect(differing(caller, 0, before!.callerTrack, kept)).toBe(0);
    const from = Math.round(json.streams[1]!.startMs * 8);
    const joined = Math.min(after!.callerTrack.length, caller.length - from);
    expect(differing(caller, from, after!.callerTrack, joined)).toBe(0);
    // The second stream lies where it was: as far from the first as on the telephone, but for the way to us.
    const apartMs = after!.startedAtMs - before!.startedAtMs;
    expect(Math.abs(json.streams[1]!.startMs - apartMs)).toBeLessThan(150);

    const heard = placings(assistant, from, after!.playedAssistant);
    expect(heard.length).toBeGreaterThan(0);
    for (const { lateMs, alike } of heard) {
      expect(Math.abs(lateMs)).toBeLessThanOrEqual(20);
      expect(alike).toBeGreaterThan(0.98);
    }
    const said = json.turns.map(({ speaker, text }) => `${speaker}: ${text}`);
    expect(said[0]).toBe('assistant: Thank you for calling. How can I help you?');
    // It is not greeted again.
    expect(said.filter((line) => line === said[0])).toHaveLength(1);
    expect(said.at(-1)).toMatch(/^assistant: Of course/);
    front.close();
    (await second!).signal('SIGTERM');
    expect(await (await second!).ended).toBe(0);
  });

  const namespace = pidNamespace();
  if (namespace.may) {
    test('can be claimed by a process with the same pid', () => restartWithSamePid(namespace.through));
  } else {
    test('cannot be tested with the same pid here: no pid namespace can be created', () => {
      expect(namespace.reason).toMatch(/ENOENT|not permitted|denied|No space left/);
    });
  }
});

/** In containers every process is number 1. */
async function restartWithSamePid(through: string): Promise<void> {
  const ground = await newGround();
  const settings = { DEFAULT_AUDIO_FORMAT: 'wav' };
  const first = await startServer(ground.folder, settings, through);
  const callSid = newSid('CA');
  await placeCall({
    baseUrl: first.baseUrl,
    callSid,
    ...scenarioCall(doing(HANGS_UP)),
    onProgress: (progress) => {
      if (progress.kind === 'assistant' && progress.playing) setTimeout(() => first.kill(), 500);
    },
  });
  expect(ground.state('journals').filter((name) => name.startsWith(callSid))).toHaveLength(1);
  const second = await startServer(ground.folder, settings, through);
  expect(second.log.map(({ msg }) => msg)).toContain('recovered orphaned call');
  second.kill();
}

describe.concurrent('two live processes in one directory', { timeout: 60_000 }, () => {
  test('never claim a call of each other', async () => {
    const ground = await newGround();
    const settings = { DRAIN_SECONDS: '1' };
    const first = await ground.start(settings);
    const callSid = newSid('CA');
    let second: Promise<ServerProcess> | undefined;
    const holders = new Set<string>();
    await placeCall({
      baseUrl: first.baseUrl,
      callSid,
      ...scenarioCall(doing(ASKS, HANGS_UP)),
      onProgress: (progress) => {
        if (progress.kind === 'assistant') second ??= ground.start(settings);
        for (const name of ground.state('journals')) if (name.startsWith(callSid)) holders.add(name);
      },
    });
    await fileIsThere(path.join(ground.folder, `call_${callSid}.json`), 20_000);
    const other = await second!;
    expect(holders.size).toBe(1);
    expect(readKept(ground.folder, callSid).json.endReason).toBe('completed');
    for (const server of [first, other]) server.signal('SIGTERM');
    expect(await Promise.all([first.ended, other.ended])).toEqual([0, 0]);
    const said = (server: ServerProcess) =>
      server.log.filter((entry) => entry['callSid'] === callSid).map(({ msg }) => msg);
    expect(said(first)).toContain('call finished');
    expect(said(other)).toEqual([]);
  });
});

describe.concurrent(
  'a call whose process crashes while another one runs in the same directory',
  { timeout: 60_000 },
  () => {
    test('is recovered at once when Twilio asks the other process for the next action', async () => {
      const ground = await newGround();
      const settings = { DRAIN_SECONDS: '1' };
      const [first, second] = await Promise.all([ground.start(settings), ground.start(settings)]);
      const front = await openFront(first.port);
      const callSid = newSid('CA');
      let killed = false;
      const report = await placeCall({
        baseUrl: front.baseUrl,
        callSid,
        ...scenarioCall(doing(ASKS, { do: 'wait', ms: 100 }, ASKS, HANGS_UP)),
        onProgress: ({ kind, ...progress }) => {
          if (kind !== 'caller' || killed || !('what' in progress)) return;
          killed = true;
          setTimeout(() => {
            front.leadTo(Promise.resolve(second.port));
            first.kill();
          }, 1_200);
        },
      });
      await fileIsThere(path.join(ground.folder, `call_${callSid}.json`), 20_000);
      const { json } = readKept(ground.folder, callSid);
      expect(report.streams).toHaveLength(2);
      expect(json.streams.map(({ streamSid }) => streamSid)).toEqual(
        report.streams.map(({ streamSid }) => streamSid),
      );
      expect(json.endReason).toBe('completed');
      expect(ground.state('journals').filter((name) => name.startsWith(callSid))).toEqual([]);
      front.close();
      second.signal('SIGTERM');
      expect(await second.ended).toBe(0);
    });

    test('is refused by the other process while its own process lives, and nothing is overwritten', async () => {
      const ground = await newGround();
      const settings = { DRAIN_SECONDS: '1' };
      const [first, second] = await Promise.all([ground.start(settings), ground.start(settings)]);
      const callSid = newSid('CA');
      const form = new URLSearchParams({ CallSid: callSid, From: '+15550100', CallStatus: 'ringing' });
      const answers: string[] = [];
      const closes: number[] = [];
      const report = await placeCall({
        baseUrl: first.baseUrl,
        callSid,
        ...scenarioCall(doing(ASKS, HANGS_UP)),
        onProgress: (progress) => {
          if (progress.kind !== 'caller' || answers.length > 0) return;
          answers.push('');
          for (const way of ['/incoming-call', '/incoming-call/continued'])
            void fetch(second.baseUrl + way, { method: 'POST', body: form })
              .then((answer) => answer.text())
              .then((text) => answers.push(text));
          const socket = new WebSocket(`ws://127.0.0.1:${second.port}/media-stream`);
          const start = { streamSid: newSid('MZ'), callSid, customParameters: {} };
          socket.on('open', () => socket.send(JSON.stringify({ event: 'start', ...start, start })));
          socket.on('close', (code) => closes.push(code));
        },
      });
      await fileIsThere(path.join(ground.folder, `call_${callSid}.json`), 20_000);
      expect(answers.slice(1)).toEqual([
        expect.stringMatching(/<Response><Hangup\/><\/Response>$/u),
        expect.stringMatching(/<Response><Hangup\/><\/Response>$/u),
      ]);
      expect(closes).toEqual([1008]);
      const { json } = readKept(ground.folder, callSid);
      expect(json.streams.map(({ streamSid }) => streamSid)).toEqual(
        report.streams.map(({ streamSid }) => streamSid),
      );
      for (const server of [first, second]) server.signal('SIGTERM');
      expect(await Promise.all([first.ended, second.ended])).toEqual([0, 0]);
    });
  },
);
