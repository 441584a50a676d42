import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeRecord, JOURNAL_MAGIC } from '../../src/journal/record-codec.ts';
import { newSid } from '../../src/simulator/phone/simulated-phone.ts';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import { ownFolder } from '../support/own-folder.ts';
import { type RedisServer, startedRedis } from '../support/redis-server.ts';
import { eventsOf } from '../support/written-calls.ts';
import { runFinish } from './run-finish.ts';

/** The process that left the journals. */
const OWNER = '11111111-1111-1111-1111-111111111111';
const OTHER = '22222222-2222-2222-2222-222222222222';
let redis: RedisServer;

beforeAll(async () => {
  redis = await startedRedis();
});
afterAll(() => redis.end());

/** Journals of ended calls in a directory, as a process left them that was killed. */
function leaveJournals(folder: string, callSids: readonly string[]): DataDirectory {
  const directories = new DataDirectory(folder);
  for (const callSid of callSids) {
    const records = eventsOf({ callSid }).map((event) => encodeRecord(event));
    writeFileSync(directories.journalPath(callSid, OWNER), Buffer.concat([JOURNAL_MAGIC, ...records]));
  }
  return directories;
}

const claim = (callSid: string, fields: Record<string, string | number>): Promise<number> =>
  redis.client.hset(`offhook:{${callSid}}:call`, fields);

test('finish writes the files of this machine’s calls, and leaves those that other machines have taken', async () => {
  using folder = ownFolder();
  const [own, unknown, taken, done] = [newSid('CA'), newSid('CA'), newSid('CA'), newSid('CA')];
  const directories = leaveJournals(folder.path, [own, unknown, taken, done]);
  await claim(own, { owner: OWNER, fence: 1 });
  await claim(taken, { owner: OTHER, fence: 2 });
  await claim(done, { owner: OTHER, fence: 2, done: 1 });
  const { code, said } = await runFinish(folder.path, { REDIS_URL: redis.url, LOG_LEVEL: 'fatal' });
  expect(said).toContain('2 calls finished');
  expect(code).toBe(0);
  const written = [own, unknown, taken, done].map((callSid) => directories.isFinished(callSid));
  expect(written).toEqual([true, true, false, false]);
  expect(
    readdirSync(directories.outdated)
      .map((name) => name.slice(0, 34))
      .sort(),
  ).toEqual([taken, done].sort());
  expect(await redis.client.hget(`offhook:{${own}}:call`, 'done')).toBe('1');
  expect(await redis.client.hlen('offhook:machines')).toBe(0);
});

test('finish leaves all calls while Redis does not answer, and says so', async () => {
  using folder = ownFolder();
  const callSid = newSid('CA');
  const directories = leaveJournals(folder.path, [callSid]);
  const { code, said, errors } = await runFinish(folder.path, {
    REDIS_URL: 'redis://127.0.0.1:9',
    LOG_LEVEL: 'fatal',
  });
  expect(errors).toContain('Redis does not answer: what other machines have is not known');
  expect(said).toContain('1 not complete');
  expect(code).not.toBe(0);
  expect(directories.isFinished(callSid)).toBe(false);
  expect(existsSync(path.join(directories.journals, `${callSid}.${OWNER}.journal`))).toBe(true);
});
