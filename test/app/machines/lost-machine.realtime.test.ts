import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readAllScenarios } from '../../../src/simulator/fixtures/scenario.ts';
import { newSid, startCall } from '../../../src/simulator/phone/simulated-phone.ts';
import { type Front, openFront } from '../../crash/front.ts';
import { readKept } from '../../crash/kept-sound.ts';
import { MOMENTS } from '../../crash/moments.ts';
import { doing, HANGS_UP } from '../../crash/own-server.ts';
import { killServers, type ServerProcess, startServer } from '../../crash/server-process.ts';
import { type FakeOpenAi, startFakeOpenAi } from '../../doubles/fake-openai.ts';
import { type FakeTwilioRest, startFakeTwilioRest } from '../../doubles/fake-twilio-rest.ts';
import { scenarioCall } from '../../doubles/scenario-call.ts';
import { comesTrue } from '../../support/comes-true.ts';
import { fileIsThere } from '../../support/file-appears.ts';
import { type RedisServer, startedRedis } from '../../support/redis-server.ts';
import { TWILIO } from '../../support/test-server.ts';
import { firstSoundMs } from './record-checks.ts';

const SPOKEN_TO_WITHIN_MS = 8_000;

let redis: RedisServer;
let openAi: FakeOpenAi;
const folders: string[] = [];
const fronts: Front[] = [];

beforeAll(async () => {
  redis = await startedRedis();
  openAi = await startFakeOpenAi({
    scenarios: readAllScenarios(),
    timing: { firstTokenMs: 700, speechFirstMs: 250 },
  });
});

afterAll(async () => {
  killServers();
  for (const front of fronts) front.close();
  await openAi.close();
  await redis.end();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface MachineProcess {
  readonly folder: string;
  readonly server: ServerProcess;
  restarted(): Promise<ServerProcess>;
  outdated(): string[];
}

/** A machine of the system with this prefix, with a folder of its own. */
async function machine(
  prefix: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<MachineProcess> {
  const folder = mkdtempSync(path.join(tmpdir(), 'offhook-machine-'));
  folders.push(folder);
  const start = (): Promise<ServerProcess> =>
    startServer(folder, {
      ...{ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: openAi.url, REDIS_URL: redis.url, REDIS_PREFIX: prefix },
      ...{ DEFAULT_AUDIO_FORMAT: 'wav', RECORDING_CHANNELS: 'stereo' },
      ...settings,
    });
  const outdated = path.join(folder, '.offhook', 'outdated');
  return {
    folder,
    server: await start(),
    restarted: start,
    outdated: () => (existsSync(outdated) ? readdirSync(outdated) : []),
  };
}

/** Resolves when each machine knows the other. */
async function acquainted(...machines: readonly MachineProcess[]): Promise<void> {
  for (const { server } of machines)
    await comesTrue('another machine is there', () =>
      server.log.some(({ msg }) => msg === 'another machine is there'),
    );
}

test(
  'a machine that hangs with open streams: the call is redirected, and when it goes on it writes nothing',
  { timeout: 120_000 },
  async () => {
    const { accountSid, authToken, publicUrl } = TWILIO;
    const live: { call?: ReturnType<typeof startCall>; redirected?: () => void } = {};
    const rest: FakeTwilioRest = await startFakeTwilioRest({
      accountSid,
      authToken,
      hangUp: () => live.call?.hangUp('rest') ?? false,
      redirect: (_callSid, url) => {
        live.redirected?.();
        return live.call?.redirect(url) ?? false;
      },
    });
    const settings = {
      ...{ TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, TWILIO_API_BASE_URL: rest.url },
      ...{ PUBLIC_URL: publicUrl, API_TOKEN: 'a-program-of-the-tests' },
    };
    const a = await machine('hangs', settings);
    const b = await machine('hangs', settings);
    await acquainted(a, b);
    const front = await openFront(a.server.port);
    fronts.push(front);
    live.redirected = () => front.leadTo(Promise.resolve(b.server.port));
    let hungAt: number | undefined;
    const call = startCall({
      ...{ baseUrl: front.baseUrl, publicUrl, authToken, accountSid },
      callSid: newSid('CA'),
      ...scenarioCall(MOMENTS.find(({ name }) => name === 'listening')!.scenario),
      onProgress: (progress) => {
        if (progress.kind === 'assistant' && !progress.playing && hungAt === undefined) {
          hungAt = performance.now();
          a.server.signal('SIGSTOP');
        } else if (progress.kind === 'assistant' && !progress.playing)
          setTimeout(() => call.hangUp('caller'), 500);
      },
    });
    live.call = call;
    const startedAt = performance.now();
    const { streams, errors } = await call.report;
    expect(errors).toEqual([]);
    expect(streams).toHaveLength(2);
    const spokenAt = startedAt + streams[1]!.startedAtMs + firstSoundMs(streams[1]!);
    expect(spokenAt - hungAt!).toBeLessThan(SPOKEN_TO_WITHIN_MS);
    await fileIsThere(path.join(b.folder, `call_${call.callSid}.json`), 40_000);
    a.server.signal('SIGCONT');
    await comesTrue('its journal is set aside', () =>
      a.outdated().some((name) => name.startsWith(call.callSid)),
    );
    expect(readdirSync(a.folder).filter((name) => name.includes(call.callSid))).toEqual([]);
    a.server.signal('SIGTERM');
    b.server.signal('SIGTERM');
    expect(await Promise.all([a.server.ended, b.server.ended])).toEqual([0, 0]);
    await rest.close();
  },
);

test(
  'a machine that drains gives its calls to another one between two turns: no call is lost or mixed',
  { timeout: 120_000 },
  async () => {
    const settings = { DRAIN_SECONDS: '30' };
    const [a, b] = await Promise.all([machine('drains', settings), machine('drains', settings)]);
    await acquainted(a, b);
    const front = await openFront(a.server.port);
    fronts.push(front);
    const asks = {
      do: 'speak',
      audio: 'caller-i-would-like-to-ask',
      when: { afterAssistantQuietMs: 600 },
    } as const;
    const scenario = doing(asks, { do: 'wait', ms: 2_000 }, asks, HANGS_UP);
    const calls = Array.from({ length: 3 }, () =>
      startCall({ baseUrl: front.baseUrl, callSid: newSid('CA'), ...scenarioCall(scenario) }),
    );
    await comesTrue('all callers have a reply', () =>
      calls.every(({ callSid }) =>
        a.server.log.some(({ msg, callSid: logged }) => msg === 'media stream started' && logged === callSid),
      ),
    );
    front.leadTo(Promise.resolve(b.server.port));
    a.server.signal('SIGTERM');
    const reports = await Promise.all(calls.map(({ report }) => report));
    expect(await a.server.ended).toBe(0);
    for (const { callSid, streams, errors } of reports) {
      expect(errors).toEqual([]);
      expect(streams.length).toBeGreaterThanOrEqual(2);
      await fileIsThere(path.join(b.folder, `call_${callSid}.json`), 40_000);
      const { json } = readKept(b.folder, callSid);
      expect(json.streams.map(({ streamSid }) => streamSid)).toEqual(
        streams.map(({ streamSid }) => streamSid),
      );
      const asked = json.turns.filter(
        ({ speaker, text }) => speaker === 'caller' && text?.startsWith('I would like'),
      );
      expect(asked).toHaveLength(2);
      expect(readdirSync(a.folder).filter((name) => name.includes(callSid))).toEqual([]);
    }
    b.server.signal('SIGTERM');
    expect(await b.server.ended).toBe(0);
  },
);
