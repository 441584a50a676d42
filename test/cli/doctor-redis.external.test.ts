import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Finding } from '../../src/cli/health/finding.ts';
import { runHealthChecks } from '../../src/cli/health/health-checks.ts';
import { readSettings } from '../../src/settings/settings.ts';
import { TwilioRequests } from '../../src/simulator/phone/twilio-requests.ts';
import { startOldRedis } from '../doubles/old-redis.ts';
import { comesTrue } from '../support/comes-true.ts';
import { ownFolder } from '../support/own-folder.ts';
import { type RedisServer, startedRedis } from '../support/redis-server.ts';
import { Offhook, SIGNED } from '../support/test-server.ts';

let redis: RedisServer;
let disk: ReturnType<typeof ownFolder>;

beforeAll(async () => {
  redis = await startedRedis();
  disk = ownFolder();
});
afterAll(async () => {
  await redis.end();
  disk[Symbol.dispose]();
});
beforeEach(async () => {
  await redis.client.config('SET', 'maxmemory-policy', 'noeviction');
  await redis.client.config('SET', 'maxmemory', '0');
  await redis.client.config('SET', 'save', '3600 1');
});

async function findings(url: string): Promise<Finding[]> {
  const result = readSettings(
    { RECORDINGS_DIRECTORY: disk.path, REDIS_URL: url },
    { dotEnv: {}, audioConfig: {} },
    disk.path,
  );
  if (!result.ok) throw new Error(result.errors.join('\n'));
  return (await runHealthChecks(result.settings, [])).filter(({ what }) => what === 'Redis');
}

async function realVersion(): Promise<string> {
  return /redis_version:(\S+)/u.exec(await redis.client.info('server'))![1]!;
}

test('doctor names product, version and time of an answer, and leaves no key', async () => {
  const [finding, ...more] = await findings(redis.url);
  expect(more).toEqual([]);
  expect(finding).toMatchObject({
    verdict: 'ok',
    found: expect.stringMatching(
      /^(Redis|Valkey) \d+\.\d+\.\d+ takes writes, answers in \d+\.\d ms$/,
    ) as unknown,
  });
  await comesTrue('its key has expired', async () => (await redis.client.dbsize()) === 0);
});

test('doctor warns of a server that deletes keys, keeps nothing over a restart, or is nearly full', async () => {
  await redis.client.config('SET', 'maxmemory-policy', 'allkeys-lru');
  await redis.client.config('SET', 'save', '');
  const used = /used_memory:(\d+)/u.exec(await redis.client.info('memory'))![1]!;
  await redis.client.config('SET', 'maxmemory', String(Math.round(Number(used) * 1.1)));
  const found = await findings(redis.url);
  expect(found.map(({ verdict }) => verdict)).toEqual(['ok', 'warn', 'warn', 'warn']);
  const texts = found.map(({ found: text, todo = '' }) => `${text}: ${todo}`).join('\n');
  expect(texts).toMatch(/maxmemory-policy allkeys-lru\).*: set maxmemory-policy noeviction/);
  expect(texts).toMatch(/\d of \d MB are in use/);
  expect(texts).toContain('set appendonly yes');
});

test('doctor says why Redis cannot be used', async () => {
  const at = (user: string): string => redis.url.replace('//', `//${user}@`);
  await redis.client.config('SET', 'min-replicas-to-write', '1');
  expect(await findings(redis.url)).toMatchObject([
    { verdict: 'fail', found: expect.stringContaining('NOREPLICAS') as unknown },
  ]);
  await redis.client.config('SET', 'min-replicas-to-write', '0');
  expect(await findings(at('someone:wrong'))).toMatchObject([
    {
      verdict: 'fail',
      found: expect.stringContaining('WRONGPASS') as unknown,
      todo: expect.stringContaining('REDIS_URL') as unknown,
    },
  ]);
  expect(await findings('redis://127.0.0.1:1')).toMatchObject([
    { verdict: 'fail', found: expect.stringContaining('ECONNREFUSED') as unknown },
  ]);
});

test('doctor accepts a user that may not ask for the version', async () => {
  await redis.client.call('ACL', 'SETUSER', 'calls', 'on', '>p/w', '~*', '&*', '+@all', '-info', '-config');
  expect(await findings(redis.url.replace('//', '//calls:p%2Fw@'))).toMatchObject([
    { verdict: 'ok', found: expect.stringContaining('may not use INFO') as unknown },
  ]);
});

test('a Redis that is too old is named by doctor; a server says so and its calls go on alone', async () => {
  const old = await startOldRedis(redis.port, await realVersion(), '5.0.1');
  expect(await findings(old.url)).toMatchObject([
    { verdict: 'fail', found: expect.stringMatching(/^Redis 5\.0\.\d+ is too old: version 6\.2/) as unknown },
  ]);
  const server = await Offhook.start({ ...SIGNED, REDIS_URL: old.url });
  try {
    await server.logs(/"Redis is too old; this machine goes on alone"/u);
    const CallSid = `CA${'1'.repeat(32)}`;
    const answer = await new TwilioRequests(server.signedAddress).post('/incoming-call', {
      CallSid,
      From: '1',
      To: '2',
    });
    expect(answer.body).toContain('<Stream');
    expect(await server.health()).toMatchObject({
      status: 'degraded',
      problems: [expect.stringMatching(/^Redis 5\.0\.\d+ is too old: .*; this machine goes on alone$/)],
    });
    expect(server.logged.filter((line) => line.includes('too old'))).toHaveLength(1);
  } finally {
    await server.close();
    old.close();
  }
});
