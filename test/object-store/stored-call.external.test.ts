import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CallRecord } from '../../src/records/call-record.ts';
import { newSid, placeCall } from '../../src/simulator/phone/simulated-phone.ts';
import { ASKS, doing, type Ground, HANGS_UP, makeGround } from '../crash/own-server.ts';
import type { ServerProcess } from '../crash/server-process.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { comesTrue } from '../support/comes-true.ts';
import { fileIsThere } from '../support/file-appears.ts';
import { BUCKET, ObjectStore } from '../support/object-store.ts';
import { ownFolder } from '../support/own-folder.ts';

let ground: Ground;
let disk: ReturnType<typeof ownFolder>;
let store: ObjectStore;

beforeAll(async () => {
  ground = await makeGround();
  disk = ownFolder();
  mkdirSync(path.join(disk.path, 'server'));
  store = await ObjectStore.start(path.join(disk.path, 'server'));
});

afterAll(async () => {
  await ground.clear();
  await store.stop();
  disk[Symbol.dispose]();
});

const start = (): Promise<ServerProcess> =>
  ground.start({
    RECORDINGS_STORE: `s3://${BUCKET}/desk`,
    S3_ENDPOINT: store.endpoint,
    S3_ACCESS_KEY_ID: 'S3RVER',
    S3_SECRET_ACCESS_KEY: 'S3RVER',
  });

async function callAt(server: ServerProcess): Promise<string> {
  const callSid = newSid('CA');
  await placeCall({ baseUrl: server.baseUrl, callSid, ...scenarioCall(doing(ASKS, HANGS_UP)) });
  await fileIsThere(path.join(ground.folder, `call_${callSid}.json`), 20_000);
  return callSid;
}

const filesOf = (callSid: string) =>
  ['.json', '.txt', '_conversation.wav', '_summary.txt'].map((end) => `call_${callSid}${end}`);
const isStored = (callSid: string) =>
  comesTrue('the call is in the store and its recording has left the folder', () => {
    const [json, , recording] = filesOf(callSid).map((name) => path.join(ground.folder, name));
    return (
      existsSync(json!) && !existsSync(recording!) && store.bytes(`desk/call_${callSid}.json`) !== undefined
    );
  });

test('a call of a complete server is in the store shortly after its end', { timeout: 60_000 }, async () => {
  const server = await start();
  const callSid = await callAt(server);
  await isStored(callSid);
  expect(store.keys('desk').filter((name) => name.includes(callSid))).toEqual(filesOf(callSid));
  const [json, , recording, summary] = filesOf(callSid).map((name) => store.bytes(`desk/${name}`)!);
  const { audio } = JSON.parse(json!.toString()) as CallRecord;
  expect(audio).toMatchObject({ sizeBytes: recording!.length, url: `s3://${BUCKET}/desk/${audio!.file}` });
  expect(summary!.toString()).toContain(`Full Path: ${audio!.url}`);
  server.signal('SIGTERM');
  expect(await server.ended).toBe(0);
});

test(
  'a call that ends while the store is down is finished, and is uploaded after a kill and a restart',
  { timeout: 60_000 },
  async () => {
    await store.goDown();
    const first = await start();
    const callSid = await callAt(first);
    await comesTrue('the server says what the matter is', () =>
      first.log.some(({ msg, callSid: of }) => of === callSid && msg === 'call upload failed; will retry'),
    );
    const health = (await (await fetch(`${first.baseUrl}/health`)).json()) as Record<string, unknown>;
    expect(health).toMatchObject({ status: 'degraded', unstoredCalls: 1 });
    await comesTrue(
      'its journal is gone',
      () => !ground.state('journals').some((name) => name.startsWith(callSid)),
    );
    for (const name of filesOf(callSid)) expect(readdirSync(ground.folder)).toContain(name);
    const sound = readFileSync(path.join(ground.folder, filesOf(callSid)[2]!));
    first.kill();
    await first.ended;
    await store.comeBack();
    const second = await start();
    await isStored(callSid);
    expect(store.bytes(`desk/${filesOf(callSid)[2]}`)!.equals(sound)).toBe(true);
    await comesTrue('the server counts it as stored', async () => {
      const now = (await (await fetch(`${second.baseUrl}/health`)).json()) as Record<string, unknown>;
      return now['unstoredCalls'] === 0;
    });
    second.signal('SIGTERM');
    expect(await second.ended).toBe(0);
  },
);
