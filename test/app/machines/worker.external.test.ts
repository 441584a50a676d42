import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CallRecord } from '../../../src/records/call-record.ts';
import { newSid, placeCall } from '../../../src/simulator/phone/simulated-phone.ts';
import { ASKS, doing, type Ground, HANGS_UP, makeGround } from '../../crash/own-server.ts';
import type { ServerProcess } from '../../crash/server-process.ts';
import { scenarioCall } from '../../doubles/scenario-call.ts';
import { comesTrue } from '../../support/comes-true.ts';
import { type DatabaseServer, startedServer } from '../../support/database-server.ts';
import { DYNALITE } from '../../support/dynalite-server.ts';
import { BUCKET, ObjectStore } from '../../support/object-store.ts';
import { OFFHOOK } from '../../support/offhook-command.ts';
import { ownFolder } from '../../support/own-folder.ts';
import { type RedisServer, startedRedis } from '../../support/redis-server.ts';
import { runOffhook } from '../../support/run-offhook.ts';

/** A server and workers, each a process with a directory of its own. */
let disk: ReturnType<typeof ownFolder>;
let ground: Ground;
let redis: RedisServer;
let database: DatabaseServer;
let store: ObjectStore;
let settings: Readonly<Record<string, string>>;
const workers: Worker[] = [];

beforeAll(async () => {
  disk = ownFolder();
  mkdirSync(path.join(disk.path, 'store'));
  [ground, redis, database, store] = await Promise.all([
    makeGround(),
    startedRedis(),
    startedServer(DYNALITE),
    ObjectStore.start(path.join(disk.path, 'store')),
  ]);
  settings = {
    ...{ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: ground.openAi.url, DEFAULT_AUDIO_FORMAT: 'wav' },
    ...{ SHARED_FINALIZATION: 'true', REDIS_URL: redis.url, DATABASE_URL: await database.newDatabase() },
    ...{ RECORDINGS_STORE: `s3://${BUCKET}/calls`, S3_ENDPOINT: store.endpoint },
    ...{ S3_ACCESS_KEY_ID: 'S3RVER', S3_SECRET_ACCESS_KEY: 'S3RVER' },
  };
});
afterAll(async () => {
  for (const { child } of workers) child.kill('SIGKILL');
  await ground.clear();
  await Promise.all([redis.end(), database.end(), store.stop()]);
  disk[Symbol.dispose]();
});

interface Worker {
  readonly child: ChildProcess;
  readonly directory: string;
  readonly lines: string[];
}

async function startedWorker(directory = path.join(disk.path, `worker-${workers.length}`)): Promise<Worker> {
  mkdirSync(directory, { recursive: true });
  const env = { PATH: process.env['PATH'], RECORDINGS_DIRECTORY: directory, ...settings };
  const child = spawn(process.execPath, [OFFHOOK, 'worker'], {
    cwd: directory,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  const worker = { child, directory, lines };
  workers.push(worker);
  await comesTrue('the worker executes jobs', () => says(worker, 'executing finalization jobs'));
  return worker;
}

const says = ({ lines }: Worker, ...words: string[]): boolean =>
  lines.some((line) => words.every((word) => line.includes(word)));
const filesOf = (callSid: string): string[] =>
  ['.json', '.txt', '_conversation.wav', '_summary.txt'].map((end) => `call_${callSid}${end}`);
const stored = (callSid: string): string[] => store.keys('calls').filter((name) => name.includes(callSid));

async function callAt(server: ServerProcess): Promise<string> {
  const callSid = newSid('CA');
  await placeCall({ baseUrl: server.baseUrl, callSid, ...scenarioCall(doing(ASKS, HANGS_UP)) });
  return callSid;
}

async function entryOf(server: ServerProcess, callSid: string): Promise<{ state?: string }> {
  const answer = await fetch(`${server.baseUrl}/api/calls/${callSid}`);
  return (await answer.json()) as { state?: string };
}

test('jobs of a worker that is killed in mid-upload are completed by another process, with one set of files', async () => {
  const server = await ground.start(settings);
  const [first, second] = await Promise.all([startedWorker(), startedWorker()]);
  let stalled = 0;
  // Nothing reaches the store until a worker that has begun a job is killed.
  store.proxy.harm = (seen) => {
    if (seen.method !== 'PUT' || stalled === Infinity) return undefined;
    stalled += 1;
    return 'stall';
  };
  const calls: string[] = [];
  const executing = (): Worker | undefined =>
    [first, second].find((worker) =>
      calls.some((callSid) => says(worker, 'executing a finalization job', callSid)),
    );
  // The server executes jobs too: with three calls at a time one of the workers is soon first.
  while (!executing()) {
    const ended = await Promise.all([callAt(server), callAt(server), callAt(server)]);
    calls.push(...ended);
    await comesTrue('all jobs have begun', () => stalled >= calls.length);
  }
  const killed = executing()!;
  killed.child.kill('SIGKILL');
  stalled = Infinity;
  for (const callSid of calls) {
    await comesTrue('the call has its files', () => stored(callSid).length === 4);
    await comesTrue(
      'its entry is complete',
      async () => (await entryOf(server, callSid)).state === 'finished',
    );
    expect(stored(callSid)).toEqual(filesOf(callSid));
    const record = JSON.parse(store.bytes(`calls/call_${callSid}.json`)!.toString()) as CallRecord;
    expect(record.audio?.sizeBytes).toBe(store.bytes(`calls/call_${callSid}_conversation.wav`)!.length);
    expect(record.turns.some(({ speaker, text }) => speaker === 'caller' && text)).toBe(true);
  }
  const other = killed === first ? second : first;
  other.child.kill('SIGTERM');
  expect(await once(other.child, 'exit')).toEqual([0, null]);
  expect(says(other, 'stopped')).toBe(true);
  const left = ({ directory }: Worker): string[] => readdirSync(path.join(directory, '.offhook/workers'));
  expect(left(other)).toEqual([]);
  // What the killed one left is removed by the next one.
  const [before] = left(killed);
  expect(before).toBeDefined();
  expect(left(await startedWorker(killed.directory))).toHaveLength(1);
  expect(left(killed)).not.toContain(before);
  server.signal('SIGTERM');
  expect(await server.ended).toBe(0);
});

test('a worker says what it needs', async () => {
  const folder = path.join(disk.path, 'alone');
  const alone = { RECORDINGS_DIRECTORY: folder, REDIS_URL: '', RECORDINGS_STORE: '', DATABASE_URL: '' };
  const without = await runOffhook('worker', [], alone);
  expect(without).toMatchObject({ status: 2, stdout: '' });
  expect(without.stderr).toContain('offhook worker needs REDIS_URL');
  const local = await runOffhook('worker', [], { ...alone, REDIS_URL: redis.url });
  expect(local.status).toBe(2);
  for (const named of [
    'SHARED_FINALIZATION is false',
    'RECORDINGS_STORE is missing',
    'DATABASE_URL names no database server',
  ])
    expect(local.stderr).toContain(named);
});
