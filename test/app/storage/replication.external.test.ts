import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CallStorage } from '../../../src/app/storage/call-storage.ts';
import type { SharedCalls } from '../../../src/app/storage/shared-calls.ts';
import { StorageLifecycle } from '../../../src/app/storage/storage-lifecycle.ts';
import { systemClock } from '../../../src/app/system-clock.ts';
import { JournalReplication } from '../../../src/cluster/journals/journal-replication.ts';
import { OwnedJournals } from '../../../src/cluster/journals/owned-journals.ts';
import { ReplicatedJournals } from '../../../src/cluster/journals/replicated-journals.ts';
import { RedisKeys } from '../../../src/cluster/keys.ts';
import { createLog } from '../../../src/log.ts';
import { readSettings } from '../../../src/settings/settings.ts';
import { CALL_SID, callBegins, callerFrame } from '../../support/call-events.ts';
import { comesTrue, HANG_MS } from '../../support/comes-true.ts';
import { ownFolder } from '../../support/own-folder.ts';
import { type RedisServer, startedRedis } from '../../support/redis-server.ts';

const KEYS = new RedisKeys('offhook');

let redis: RedisServer;

beforeAll(async () => {
  redis = await startedRedis();
});

afterAll(() => redis.end());

/** The storage of a machine that has every call with this fence. */
async function machine(directory: string, fence: number) {
  const files = { dotEnv: {}, audioConfig: {} };
  const environment = { RECORDINGS_DIRECTORY: directory, REDIS_URL: redis.url, CATALOGUE: 'off' };
  const read = readSettings(environment, files, directory);
  if (!read.ok) throw new Error(read.errors.join('\n'));
  const { settings } = read;
  const logged: string[] = [];
  const log = createLog({ level: 'info', destination: { write: (line) => void logged.push(line) } });
  const replication = new JournalReplication({ cluster: settings.cluster!, log });
  const follower = new OwnedJournals(replication, () => fence);
  const shared: SharedCalls = {
    follower,
    jobs: undefined,
    machine: randomUUID(),
    permit: () => Promise.resolve('claim'),
    mayFinish: () => Promise.resolve(true),
    mayUpload: () => Promise.resolve('upload'),
    abandon: () => Promise.resolve(),
    give: () => Promise.resolve('here'),
    isComplete: () => undefined,
  };
  const storage = new CallStorage({ settings, services: {}, log, clock: systemClock, shared });
  const lifecycle = new StorageLifecycle(storage);
  await lifecycle.start();
  const { temporary } = storage.directories;
  const journals = new ReplicatedJournals({ client: redis.client, keys: KEYS, temporary });
  const downloaded = async (): Promise<Buffer> => {
    const to = path.join(temporary, 'downloaded');
    await journals.download(CALL_SID, to);
    return readFileSync(to);
  };
  return { storage, lifecycle, replication, journals, logged, downloaded };
}

test('a call’s journal is in Redis while the call lasts, and goes on at the machine that takes the call', async () => {
  using folder = ownFolder();
  using nextFolder = ownFolder();
  await redis.client.hset(KEYS.call(CALL_SID), { owner: 'one', fence: 1 });
  const one = await machine(folder.path, 1);
  const journal = one.storage.openJournal(CALL_SID);
  for (const event of [...callBegins(), callerFrame(0), callerFrame(1)]) journal.append(event);
  await journal.written();
  expect(await one.replication.replicated(CALL_SID, HANG_MS)).toBe(true);
  expect(await one.downloaded()).toEqual(readFileSync(journal.path));
  // What was written of a record when the machine failed.
  appendFileSync(journal.path, Buffer.from([200, 0, 0, 0, 1, 2, 3]));
  expect(await one.replication.replicated(CALL_SID, HANG_MS)).toBe(true);

  await redis.client.hset(KEYS.call(CALL_SID), { owner: 'two', fence: 2 });
  const two = await machine(nextFolder.path, 2);
  const { directories, journals } = two.storage;
  const target = directories.journalPath(CALL_SID, two.storage.lease.id);
  expect(await two.journals.download(CALL_SID, target)).toBe('complete');
  const resumed = journals.resume(target, CALL_SID);
  for (let index = 2; index < 50; index += 1) resumed.append(callerFrame(index));
  await resumed.written();
  expect(await two.replication.replicated(CALL_SID, HANG_MS)).toBe(true);
  expect(await two.downloaded()).toEqual(readFileSync(target));

  // The first machine comes back.
  journal.append(callerFrame(2));
  await comesTrue('it notices that it has lost the call', () => one.replication.figures.calls === 0);
  expect(await two.downloaded()).toEqual(readFileSync(target));
  await resumed.close('kept');
  expect(two.replication.figures.calls).toBe(0);
  await Promise.all([one.lifecycle.stop(), two.lifecycle.stop()]);
});

test('journals that are late are reported with the cause, and when they are complete again', async () => {
  using folder = ownFolder();
  await redis.client.hset(KEYS.call(CALL_SID), { owner: 'one', fence: 3 });
  const { storage, lifecycle, logged, replication, downloaded } = await machine(folder.path, 3);
  const journal = storage.openJournal(CALL_SID);
  for (const event of callBegins()) journal.append(event);
  await journal.written();
  expect(await replication.replicated(CALL_SID, HANG_MS)).toBe(true);
  await redis.kill();
  journal.append(callerFrame(0));
  const problem = (): string => storage.outages.problems.join();
  await comesTrue('the outage names its cause', () => /^journal replication: .*ECONNREFUSED/.test(problem()));
  await redis.start();
  await redis.client.hset(KEYS.call(CALL_SID), { owner: 'one', fence: 3 });
  await comesTrue('the outage is over', () => problem() === '');
  expect(await downloaded()).toEqual(readFileSync(journal.path));
  const lines = logged.filter((line) => line.includes('"component":"replication"'));
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain('journals of live calls are not replicated');
  expect(lines[1]).toContain('no journal of a live call is late any more');
  await journal.close('kept');
  await lifecycle.stop();
});
