import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openCluster } from '../../../src/cluster/open-cluster.ts';
import { BROWSER_COOKIE, KnownBrowsers } from '../../../src/http/auth/known-browsers.ts';
import { LoginThrottle } from '../../../src/http/auth/login-throttle.ts';
import { SessionStore } from '../../../src/http/auth/session-store.ts';
import { redisAddress } from '../../../src/settings/addresses/redis-address.ts';
import {
  browserPromises,
  cookiesOf,
  logOut,
  PASSWORD,
  sessionPromises,
  throttlePromises,
} from '../../suites/access.ts';
import { comesTrue } from '../../support/comes-true.ts';
import { keptLog } from '../../support/kept-log.ts';
import { type RedisServer, startedRedis } from '../../support/redis-server.ts';
import { slowRelay } from '../../support/slow-relay.ts';

const NOW_MS = Date.now();
const log = keptLog();
const directory = mkdtempSync(path.join(tmpdir(), 'offhook-access-'));

/** One machine of a telephone system. */
class Machine {
  readonly keyFile: string;
  readonly cluster;
  readonly sessions: SessionStore;
  readonly throttle = new LoginThrottle();
  readonly browsers: KnownBrowsers;

  constructor(redis: Pick<RedisServer, 'url'>, name: string, password = PASSWORD) {
    const address = redisAddress.schema.parse(redis.url);
    this.cluster = openCluster({ address, prefix: 'test', name }, directory, log.log);
    const { sessions, attempts, browserKey } = this.cluster.access;
    this.sessions = new SessionStore(password, 2 ** 8, sessions);
    this.throttle.share(attempts, () => NOW_MS);
    this.keyFile = path.join(directory, `${name}.key`);
    this.browsers = new KnownBrowsers(
      this.keyFile,
      (error) => log.log.error({ err: error }, 'key'),
      browserKey,
    );
  }

  get works(): boolean {
    return this.cluster.problems.length === 0;
  }
}

let redis: RedisServer;
let a: Machine;
let b: Machine;
const open: Machine[] = [];

async function started(name: string, password?: string): Promise<Machine> {
  const machine = new Machine(redis, name, password);
  open.push(machine);
  await machine.sessions.ready;
  return machine;
}

beforeAll(async () => {
  redis = await startedRedis();
});
afterAll(async () => {
  await redis.end();
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(async () => {
  await redis.client.flushall();
  [a, b] = await Promise.all([started('a'), started('b')]);
});
afterEach(() => {
  for (const { cluster } of open.splice(0)) cluster.close();
});

describe('sessions of machines with one Redis', () => {
  sessionPromises(() => ({ a: a.sessions, b: b.sessions }), NOW_MS);

  test('are there for a machine that starts later', async () => {
    const cookies = await cookiesOf(a.sessions, NOW_MS);
    expect((await started('c')).sessions.isLoggedIn(cookies, NOW_MS)).toBe(true);
  });

  test.each([0, 1])('are there for a machine whose connection %i is slow', async (slow) => {
    const cookies = await cookiesOf(a.sessions, NOW_MS);
    await using relay = await slowRelay(redis.port, (connection) => connection === slow);
    const machine = new Machine({ url: `redis://127.0.0.1:${relay.port}` }, 'c');
    open.push(machine);
    await machine.sessions.ready;
    expect(machine.sessions.isLoggedIn(cookies, NOW_MS)).toBe(true);
  });

  test('are not those of machines with another password', async () => {
    const cookies = await cookiesOf(a.sessions, NOW_MS);
    expect((await started('c', 'another')).sessions.isLoggedIn(cookies, NOW_MS)).toBe(false);
  });

  test('can not be taken over by a reader of Redis', async () => {
    const cookies = await cookiesOf(a.sessions, NOW_MS);
    const id = cookies.split('=').at(-1)!;
    const stored = await Promise.all(
      (await redis.client.keys('test:sessions:*')).map((key) => redis.client.hgetall(key)),
    );
    expect(Object.keys(stored[0]!)).toEqual([expect.stringMatching(/^[\w-]{43}$/)]);
    expect(JSON.stringify(stored)).not.toContain(id);
  });

  test('that are not readable, or long expired, are left out', async () => {
    const cookies = await cookiesOf(a.sessions, NOW_MS);
    const [key] = await redis.client.keys('test:sessions:*');
    const old = 'A'.repeat(43);
    await redis.client.hset(key!, { x: 'y', [old]: `${NOW_MS - 9 * 24 * 3_600_000} ended` });
    const c = await started('c');
    expect(c.sessions.isLoggedIn(cookies, NOW_MS)).toBe(true);
    await comesTrue('the old entry is deleted', async () => (await redis.client.hexists(key!, old)) === 0);
  });
});

describe('login attempts at machines with one Redis', () =>
  throttlePromises(() => ({ a: a.throttle, b: b.throttle }), NOW_MS));

describe('browsers of machines with one Redis', () => {
  browserPromises(() => ({ a: a.browsers, b: b.browsers }));

  test('stay known after a Redis has lost the key', async () => {
    const cookie = `${BROWSER_COOKIE}=${await a.browsers.issue(undefined, 0)}`;
    expect(await b.browsers.idOf(cookie, 0)).toBeDefined();
    expect(readFileSync(a.keyFile, 'utf8')).toBe(readFileSync(b.keyFile, 'utf8'));
    await redis.client.flushall();
    // The machine that has adopted the key offers it.
    const again = await started('b');
    expect(await again.browsers.idOf(cookie, 0)).toBeDefined();
    expect(await (await started('c')).browsers.idOf(cookie, 0)).toBeDefined();
  });
});

/** What was done while Redis failed is known to both machines afterwards. */
async function whileFailing(
  fail: () => Promise<void> | void,
  repair: () => Promise<void> | void,
): Promise<void> {
  const before = await cookiesOf(a.sessions, NOW_MS);
  const ended = await cookiesOf(a.sessions, NOW_MS);
  await comesTrue('both are known', () =>
    [before, ended].every((each) => b.sessions.isLoggedIn(each, NOW_MS)),
  );
  await fail();
  try {
    // Each machine goes on alone, within bounds.
    const startedMs = performance.now();
    const meanwhile = await cookiesOf(a.sessions, NOW_MS);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    expect(a.sessions.isLoggedIn(meanwhile, NOW_MS)).toBe(true);
    expect(b.sessions.isLoggedIn(before, NOW_MS)).toBe(true);
    expect(a.cluster.problems.join()).toContain('Redis: sessions: ');
    logOut(a.sessions, ended);
    expect(a.sessions.isLoggedIn(ended, NOW_MS)).toBe(false);
    for (let i = 0; i < 6; i += 1)
      a.throttle.tried({ address: '203.0.113.30', socketAddress: '', isProxy: false }, NOW_MS);
    expect(
      a.throttle.waitSeconds({ address: '203.0.113.30', socketAddress: '', isProxy: false }, NOW_MS),
    ).toBe(20);
    const cookie = `${BROWSER_COOKIE}=${await a.browsers.issue(undefined, 0)}`;
    expect(await a.browsers.idOf(cookie, 0)).toBeDefined();
    await repair();
    const synchronized = async (): Promise<boolean> => {
      await Promise.all([a, b].map(({ cluster }) => cluster.access.sessions.synchronize()));
      return b.sessions.isLoggedIn(meanwhile, NOW_MS) && !b.sessions.isLoggedIn(ended, NOW_MS);
    };
    await comesTrue('the other machine knows what happened', synchronized);
    const c = await started('c');
    expect([before, meanwhile, ended].map((each) => c.sessions.isLoggedIn(each, NOW_MS))).toEqual([
      true,
      true,
      false,
    ]);
    await comesTrue('nothing fails any more', () => a.works && b.works && c.works);
  } finally {
    await repair();
  }
}

describe('while Redis', () => {
  test('is killed, until it is started again without its data', async () => {
    let isRunning = true;
    await whileFailing(
      async () => {
        await redis.kill();
        isRunning = false;
      },
      async () => {
        if (!isRunning) await redis.start();
        isRunning = true;
      },
    );
  });

  test('does not answer', () =>
    whileFailing(
      () => redis.pause(),
      () => redis.goOn(),
    ));

  test.each([
    ['is read-only', ['min-replicas-to-write', '1'], ['min-replicas-to-write', '0']],
    ['is full', ['maxmemory', '1'], ['maxmemory', '0']],
  ] as const)('%s', (_, broken, repaired) =>
    whileFailing(
      async () => void (await redis.client.config('SET', ...broken)),
      async () => void (await redis.client.config('SET', ...repaired)),
    ),
  );

  test('is flushed', async () => {
    const [kept, ended] = [await cookiesOf(a.sessions, NOW_MS), await cookiesOf(a.sessions, NOW_MS)];
    await comesTrue('both are known', () =>
      [kept, ended].every((each) => b.sessions.isLoggedIn(each, NOW_MS)),
    );
    logOut(a.sessions, ended);
    await comesTrue('it has ended', () => !b.sessions.isLoggedIn(ended, NOW_MS));
    await redis.client.flushall();
    await b.cluster.access.sessions.synchronize();
    const c = await started('c');
    expect(c.sessions.isLoggedIn(kept, NOW_MS)).toBe(true);
    expect(c.sessions.isLoggedIn(ended, NOW_MS)).toBe(false);
  });
});
