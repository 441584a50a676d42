import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FinalizationWorker } from '../../../src/app/machines/finalization-worker.ts';
import { DirectoryTasks } from '../../../src/app/machines/tasks/directory-tasks.ts';
import { OpenTasks } from '../../../src/app/machines/tasks/open-tasks.ts';
import { SharedChanges } from '../../../src/app/machines/tasks/shared-changes.ts';
import { openConfiguredCatalogue } from '../../../src/app/open-configured-catalogue.ts';
import { openConfiguredStore } from '../../../src/app/open-configured-store.ts';
import { systemClock } from '../../../src/app/system-clock.ts';
import { ServiceError, type Services, type Utterance } from '../../../src/call/ports.ts';
import type { Catalogue } from '../../../src/catalogue/catalogue.ts';
import { BYTES_FIELD, OFFSET_FIELD } from '../../../src/cluster/journals/append-script.ts';
import { openCluster } from '../../../src/cluster/open-cluster.ts';
import type { CallRecord } from '../../../src/records/call-record.ts';
import { newSid } from '../../../src/simulator/phone/simulated-phone.ts';
import { readSettings } from '../../../src/settings/settings.ts';
import { DataDirectory } from '../../../src/storage/data-directory.ts';
import { callBegins, callEnds, callerFrame, utterance } from '../../support/call-events.ts';
import { directoryId } from '../../../src/storage/directory-id.ts';
import { comesTrue } from '../../support/comes-true.ts';
import { type DatabaseServer, startedServer } from '../../support/database-server.ts';
import { DYNALITE } from '../../support/dynalite-server.ts';
import { keptLog } from '../../support/kept-log.ts';
import { BUCKET, ObjectStore } from '../../support/object-store.ts';
import { ownFolder } from '../../support/own-folder.ts';
import { type RedisServer, startedRedis } from '../../support/redis-server.ts';

/** Processes of one system: each has a directory of its own; Redis, database and object store are shared. */
let redis: RedisServer;
let database: DatabaseServer;
let store: ObjectStore;
let databaseUrl: string;
let disk: ReturnType<typeof ownFolder>;
const opened: SystemProcess[] = [];

beforeAll(async () => {
  disk = ownFolder();
  mkdirSync(path.join(disk.path, 'store'));
  [redis, database, store] = await Promise.all([
    startedRedis(),
    startedServer(DYNALITE),
    ObjectStore.start(path.join(disk.path, 'store')),
  ]);
  databaseUrl = await database.newDatabase();
});
afterAll(async () => {
  await Promise.all(opened.map((process) => process.worker.stop(0)));
  await Promise.all([redis.end(), database.end(), store.stop()]);
  disk[Symbol.dispose]();
});

interface SystemProcess {
  readonly prefix: string;
  readonly worker: FinalizationWorker;
  readonly cluster: ReturnType<typeof openCluster>;
  readonly directory: string;
  readonly catalogue: Catalogue;
  readonly lines: readonly string[];
}

const transcribes: Services = { transcriber: { transcribe: () => Promise.resolve('I would like to ask.') } };
let processes = 0;

/** Starts processes of a system of their own. */
function newSystem(): (services?: Services) => Promise<SystemProcess> {
  const prefix = `system-${processes}`;
  processes += 1;
  return (services = transcribes) => newProcess(prefix, services);
}

async function newProcess(prefix: string, services: Services): Promise<SystemProcess> {
  processes += 1;
  const directory = path.join(disk.path, `process-${processes}`);
  mkdirSync(directory);
  const given = {
    RECORDINGS_DIRECTORY: directory,
    ...{
      SHARED_FINALIZATION: 'true',
      REDIS_URL: redis.url,
      DATABASE_URL: databaseUrl,
      DEFAULT_AUDIO_FORMAT: 'wav',
    },
    ...{ RECORDINGS_STORE: `s3://${BUCKET}/calls`, S3_ENDPOINT: store.endpoint },
    ...{ S3_ACCESS_KEY_ID: 'S3RVER', S3_SECRET_ACCESS_KEY: 'S3RVER', FINISH_WAIT_MS: '1000' },
    REDIS_PREFIX: prefix,
  };
  const read = readSettings(given, { dotEnv: {}, audioConfig: {} }, directory);
  if (!read.ok) throw new Error(read.errors.join('\n'));
  const { settings } = read;
  const { log, lines } = keptLog();
  const catalogue = await openConfiguredCatalogue(settings, log);
  const files = await openConfiguredStore(settings);
  const cluster = openCluster(settings.cluster!, DataDirectory.temporaryOf(directory), log);
  expect(await cluster.isReachable()).toBe(true);
  const parts = { settings, services, catalogue, store: files, cluster, log, clock: systemClock };
  const process: SystemProcess = {
    prefix,
    worker: new FinalizationWorker(parts),
    cluster,
    directory,
    catalogue,
    lines,
  };
  await process.worker.open();
  opened.push(process);
  return process;
}

/** A call of half a second with one turn of the caller, which has ended at this process. */
async function endedCall(
  { worker, cluster }: SystemProcess,
  untranscribed: ReadonlyMap<number, Utterance> = new Map(),
) {
  const callSid = newSid('CA');
  const { storage } = worker;
  const fence = (await cluster.machines.claims.take(callSid, undefined))!;
  const journal = storage.openJournal(callSid);
  const frames = Array.from({ length: 25 }, (_, index) => callerFrame(index));
  const events = [...callBegins(callSid), ...frames, utterance(1, 100, 400), callEnds(1_500)];
  // The call has ended now: texts of old calls are not requested any more.
  const laterMs = systemClock.now() - events.at(-1)!.atMs;
  for (const event of events) journal.append({ ...event, atMs: event.atMs + laterMs });
  const finished = storage.finish({ callSid, journal, call: undefined, untranscribed });
  return { callSid, journal, finished, fence };
}

const stored = (callSid: string): string[] => store.keys('calls').filter((name) => name.includes(callSid));
const filesOf = (callSid: string): string[] =>
  ['.json', '.txt', '_conversation.wav', '_summary.txt'].map((end) => `call_${callSid}${end}`);
const recordOf = (callSid: string): CallRecord =>
  JSON.parse(store.bytes(`calls/call_${callSid}.json`)!.toString()) as CallRecord;
const left = ({ directory }: SystemProcess, callSid: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes(callSid));

/** How many of the texts and the `.json` of a call are at a process. */
const textsAt = ({ directory }: SystemProcess, callSid: string): number =>
  filesOf(callSid).filter((name) => existsSync(path.join(directory, name))).length;

async function isDone({ cluster }: SystemProcess, callSid: string): Promise<void> {
  await comesTrue('the call is done', async () => {
    return (await cluster.machines.claims.read(callSid))?.isDone ?? false;
  });
}

describe.concurrent('a call that has ended', () => {
  test('a call that has ended at one process is finalized by another one: its files are in the store, its entry in the database', async () => {
    const process = newSystem();
    const [a, worker] = [await process(), await process()];
    worker.worker.work();
    const { callSid, journal, finished } = await endedCall(a);
    await finished;
    expect(stored(callSid)).toEqual(filesOf(callSid));
    const { turns, pending } = recordOf(callSid);
    expect(turns.map(({ text }) => text)).toEqual(['I would like to ask.']);
    expect(pending).toBe(0);
    const entry = await a.catalogue.get(callSid);
    expect(entry).toMatchObject({ state: 'finished' });
    expect(entry?.files?.map(({ url }) => url)).toContain(`s3://${BUCKET}/calls/call_${callSid}.json`);
    expect(existsSync(journal.path)).toBe(false);
    // Notes are written and texts are erased at the machine that had the call, as if it had stored the files.
    const changed = await a.worker.storage.annotate(callSid, {
      kind: 'add-note',
      note: { id: '1', atMs: 0, text: 'call back' },
    });
    expect(changed?.turns).toHaveLength(1);
    await comesTrue('the note is in the store', () => recordOf(callSid).notes?.length === 1);
    expect(await a.worker.storage.uploads?.attempted()).toBe(0);
    expect(await redis.client.exists(`${a.prefix}:{${callSid}}:journal`)).toBe(0);
    await comesTrue('the worker has nothing of the call', () => left(worker, callSid).length === 0);
  });

  test('is finalized by its own process if that is first; its texts are there too', async () => {
    const process = newSystem();
    const a = await process();
    a.worker.work();
    const { callSid, finished } = await endedCall(a);
    await finished;
    await isDone(a, callSid);
    expect(stored(callSid)).toEqual(filesOf(callSid));
    expect(existsSync(path.join(a.directory, `call_${callSid}.json`))).toBe(true);
    expect(a.lines.some((line) => line.includes('of another process'))).toBe(false);
  });

  test('is not done while texts are missing: its files say so, and its journal waits for the next attempt', async () => {
    const outage = new ServiceError('transcription', 'transcribing', { transient: true });
    const fails: Services = { transcriber: { transcribe: () => Promise.reject(outage) } };
    const process = newSystem();
    const [a, worker] = [await process(), await process(fails)];
    worker.worker.work();
    const { callSid, journal, fence } = await endedCall(a);
    await comesTrue('the files are in the store', () => stored(callSid).length === 4);
    expect(recordOf(callSid).pending).toBe(1);
    await comesTrue('the worker has nothing of the call', () => left(worker, callSid).length === 0);
    await comesTrue(
      'its own process has the texts',
      () => a.worker.storage.isFinished(callSid) && textsAt(a, callSid) === 3,
    );
    expect(existsSync(journal.path)).toBe(true);
    expect(await redis.client.exists(`${a.prefix}:{${callSid}}:journal`)).toBe(1);
    expect(await a.cluster.machines.claims.read(callSid)).toMatchObject({ isDone: false, job: fence });
  });

  test('is erased while its job waits for texts: the job ends, and nothing of the call is left', async () => {
    const outage = new ServiceError('transcription', 'transcribing', { transient: true });
    const fails: Services = { transcriber: { transcribe: () => Promise.reject(outage) } };
    const process = newSystem();
    const [a, worker] = [await process(), await process(fails)];
    worker.worker.work();
    const { callSid, finished } = await endedCall(a);
    await comesTrue('its own process has the texts', () => textsAt(a, callSid) === 3);
    const erasure = await a.worker.storage.eraser.erase(callSid, 'asked');
    expect(erasure.outcome).toBe('erased');
    await finished;
    expect([stored(callSid), left(a, callSid)]).toEqual([[], []]);
    expect(await a.catalogue.get(callSid)).toBeUndefined();
    expect((await a.cluster.machines.claims.read(callSid))?.job).toBeUndefined();
  });

  test('is erased from another machine while its job waits for texts', async () => {
    const outage = new ServiceError('transcription', 'transcribing', { transient: true });
    const fails: Services = { transcriber: { transcribe: () => Promise.reject(outage) } };
    const process = newSystem();
    const [a, b] = [await process(), await process(fails)];
    b.worker.work();
    const { callSid, finished } = await endedCall(a);
    await comesTrue('its own process has the texts', () => textsAt(a, callSid) === 3);
    const { eraser } = a.worker.storage;
    const told: { a?: DirectoryTasks } = {};
    const peers = {
      peer: () => ({}),
      tellTasks: () => void told.a?.look(),
      statesOf: async (asked: string) => [await eraser.stateHere(asked)],
      annotate: () => Promise.resolve(false),
    };
    const [toA, toB] = [a, b].map(({ cluster, directory }) => {
      const { work, outage, claims, journals, directory: machines } = cluster.machines;
      const { log } = keptLog();
      const directories = new DataDirectory(directory);
      const own = { id: directoryId(directories), name: 'machine', machine: machines.own.id };
      const common = { peers, clock: systemClock, log };
      const tasks = new DirectoryTasks({
        tasks: work.tasks,
        own,
        open: new OpenTasks(directories),
        outage,
        ...common,
      });
      return { tasks, changes: new SharedChanges({ tasks, claims, journals, ...common }) };
    });
    told.a = toA!.tasks;
    await toA!.changes.begin(a.worker.storage);
    const erasure = await toB!.changes.erase(b.worker.storage, callSid, 'asked');
    expect(erasure).toMatchObject({
      outcome: 'erased',
      receipt: { machines: ['machine'], catalogue: 'removed' },
    });
    await finished;
    expect([stored(callSid), left(a, callSid)]).toEqual([[], []]);
    expect(await a.catalogue.get(callSid)).toBeUndefined();
    expect(await redis.client.exists(`${a.prefix}:{${callSid}}:journal`)).toBe(0);
    // No process can take the call any more, whatever it was executing.
    expect(await a.cluster.machines.claims.read(callSid)).toMatchObject({ isDone: true, job: undefined });
  });

  test('stays where it is if its audio is in no journal', async () => {
    const process = newSystem();
    const [a, worker] = [await process(), await process()];
    worker.worker.work();
    const spoken = { wav: new Uint8Array(), durationMs: 300 };
    const { callSid, finished } = await endedCall(a, new Map([[1, spoken]]));
    await finished;
    await isDone(a, callSid);
    expect(stored(callSid)).toEqual(filesOf(callSid));
    expect(worker.lines.some((line) => line.includes(callSid))).toBe(false);
  });

  test('is left alone by its job when a machine has taken it meanwhile', async () => {
    const process = newSystem();
    const [a, worker, other] = [await process(), await process(), await process()];
    const { callSid, journal, finished, fence } = await endedCall(a);
    const { claims } = other.cluster.machines;
    await comesTrue('it is a job', async () => (await claims.read(callSid))?.job === fence);
    expect(await claims.take(callSid, await claims.read(callSid))).toBe(fence + 1);
    worker.worker.work();
    await comesTrue('the job is over', async () => {
      await worker.cluster.jobs.look();
      return worker.cluster.jobs.counts.waiting === 0;
    });
    await finished;
    expect(stored(callSid)).toEqual([]);
    expect(existsSync(a.worker.storage.directories.outdatedPath(journal.path))).toBe(true);
  });

  test('goes back to its process if Redis has lost the journal', async () => {
    const process = newSystem();
    const [a, worker] = [await process(), await process()];
    const { callSid, finished, fence } = await endedCall(a);
    const { claims } = a.cluster.machines;
    await comesTrue('it is a job', async () => (await claims.read(callSid))?.job === fence);
    await redis.client.del(`${a.prefix}:{${callSid}}:journal`);
    worker.worker.work();
    await finished;
    await isDone(a, callSid);
    expect(stored(callSid)).toEqual(filesOf(callSid));
    expect(left(worker, callSid)).toEqual([]);
  });

  test('goes back to its process if its journal in Redis is damaged, and the log says so', async () => {
    const process = newSystem();
    const [a, worker] = [await process(), await process()];
    const { callSid, finished, fence } = await endedCall(a);
    const { claims } = a.cluster.machines;
    await comesTrue('it is a job', async () => (await claims.read(callSid))?.job === fence);
    const journal = `${a.prefix}:{${callSid}}:journal`;
    await redis.client.del(journal);
    await redis.client.xadd(journal, '*', OFFSET_FIELD, '0', BYTES_FIELD, 'no journal at all');
    worker.worker.work();
    await finished;
    await isDone(a, callSid);
    expect(stored(callSid)).toEqual(filesOf(callSid));
    expect(worker.lines.join()).toContain('the journal of a call in Redis is damaged');
  });

  test('is not completed in the store by a process that has lost it during the upload', async () => {
    const process = newSystem();
    const [a, worker, other] = [await process(), await process(), await process()];
    const { callSid, fence } = await endedCall(a);
    let isStalled = false;
    const before = store.proxy.harm;
    store.proxy.harm = (seen) => {
      if (seen.method !== 'PUT' || !seen.url.includes(callSid)) return before(seen);
      isStalled = true;
      return 'stall';
    };
    worker.worker.work();
    await comesTrue('the upload has begun', () => isStalled);
    const { claims } = other.cluster.machines;
    expect(await claims.take(callSid, await claims.read(callSid))).toBe(fence + 2);
    await comesTrue('the worker has noticed', () =>
      worker.lines.some((line) => line.includes('finalization job failed') && line.includes(callSid)),
    );
    store.proxy.harm = before;
    await comesTrue('the worker has nothing of the call', () => left(worker, callSid).length === 0);
    expect(stored(callSid)).toEqual([]);
  });
});

describe('after Redis has lost its data', () => {
  test('a call whose job had not begun is finalized by its own process', async () => {
    const process = newSystem();
    const a = await process();
    const { callSid, finished, fence } = await endedCall(a);
    const { claims } = a.cluster.machines;
    await comesTrue('it is a job', async () => (await claims.read(callSid))?.job === fence);
    await redis.client.flushall();
    await finished;
    await isDone(a, callSid);
    expect(stored(callSid)).toEqual(filesOf(callSid));
    expect((await claims.read(callSid))!.fence).toBeGreaterThan(fence);
  });

  test('a process that executes a job completes it, and no other one writes the files', async () => {
    const process = newSystem();
    const [a, worker] = [await process(), await process()];
    worker.worker.work();
    let goOn = false;
    let isStalled = false;
    store.proxy.harm = (seen) => {
      if (goOn || seen.method !== 'PUT') return undefined;
      isStalled = true;
      return { status: 503 };
    };
    const { callSid, fence } = await endedCall(a);
    await comesTrue('the upload has begun', () => isStalled);
    await redis.client.flushall();
    const { claims } = a.cluster.machines;
    await comesTrue('the worker has written its claim again', async () => {
      return (await claims.read(callSid))?.fence === fence + 1;
    });
    goOn = true;
    await isDone(a, callSid);
    store.proxy.harm = () => undefined;
    expect(await claims.read(callSid)).toMatchObject({ fence: fence + 1, isDone: true });
    expect(stored(callSid)).toEqual(filesOf(callSid));
    expect(a.lines.some((line) => line.includes('call uploaded'))).toBe(false);
  });
});
